"""Everything a model may do: read a question a second time, look things up, word facts."""
