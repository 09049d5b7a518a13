"""Knows the archive's SQL: articles, captures, frontier rows and runs, one writer a process."""

from pipelines.archive.connection import ArchiveError, open_archive
from pipelines.archive.writer import Archive

__all__ = ["Archive", "ArchiveError", "open_archive"]
