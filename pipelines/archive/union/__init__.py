"""Brings the rows of other archives into one: what several machines captured becomes the archive of all of it."""
