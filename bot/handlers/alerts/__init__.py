"""Alert posts: what they say, which alert they belong to, and how they are answered."""
