"""Steps from each schema to the next; Alembic runs them at start, once, under a lock."""
