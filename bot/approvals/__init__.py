"""The life of a kill: proposed, decided, carried out and proved."""
