"""Extraction: page bytes and a template to a Reading, or the reason it is no article. Pure."""

from crawler.extraction.reader import extract
from crawler.extraction.text import furniture_key

__all__ = ["extract", "furniture_key"]
