"""Dangjik: the on-call engineer in your alert thread."""
