"""Turn in, Answer out: one turn per thread at a time."""
