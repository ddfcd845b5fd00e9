"""Pictures: typed figures in, a PNG and its alt text out. Reads nothing and posts nothing."""
