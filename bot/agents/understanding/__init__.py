"""Reading Korean and English questions without a model."""
