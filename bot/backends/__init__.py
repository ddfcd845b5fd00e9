"""Adapters to real clusters over one HTTP client."""
