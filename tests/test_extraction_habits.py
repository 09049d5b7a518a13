"""Habits of papers that a page nobody has seen will have: small pages, one question each."""
