"""Templates: typed facts into answers, in both languages, without a model."""
