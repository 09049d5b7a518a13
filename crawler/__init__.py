"""Knows newspapers' websites: finding, fetching and reading their pages."""
