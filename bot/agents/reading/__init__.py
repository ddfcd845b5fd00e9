"""Hearing who is spoken to, and reading what is asked: models trained from labelled sentences."""
