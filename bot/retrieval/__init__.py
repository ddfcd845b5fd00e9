"""Embeddings, index and search of our documents."""
