"""Frozen values the whole product speaks in; no I/O, no clock, no wire format."""
