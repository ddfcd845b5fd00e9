"""Slack, both directions: payloads come in as domain values, domain values go out as blocks."""
