"""What the product does for people, whichever way they reach it."""
