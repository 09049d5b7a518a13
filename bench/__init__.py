"""Measures what the archive costs, each against a plain or a well-known way."""
