"""Knows the archive: the words, the judging of duplicates, the stages and the database."""
