"""Reading a message: is it for us, what is asked, which rows it means, and what it orders."""
