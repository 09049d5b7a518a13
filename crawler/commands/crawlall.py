"""``scrapy crawlall [PAPER…]``: crawls all papers that are still written, or those named, at once."""

from __future__ import annotations

from typing import Any, ClassVar

from crawler.clock import LOCAL, clock_from
from crawler.commands import crawl
from crawler.settings import ARCHIVING


class Command(crawl.Command):
    """Like ``crawl``, for several papers in one process: one host each, so none waits for another."""

    default_settings: ClassVar[dict[str, Any]] = {**ARCHIVING, "RUN_COMMAND": "crawlall"}

    def syntax(self) -> str:
        """Return what follows the command's name."""
        return "[PAPER ...]"

    def short_desc(self) -> str:
        """Return the line in the list of commands."""
        return "Crawl all papers, or those named; papers that closed are skipped unless named"

    def papers(self, args: list[str]) -> list[str]:
        """Return the names of the papers to crawl. Raises WrongUseError for an unknown one."""
        assert self.settings is not None
        today = clock_from(self.settings["CLOCK"]).now().astimezone(LOCAL).date()
        papers = self._loader.directory.papers.values()
        open_today = [p.name for p in papers if p.until is None or p.until >= today]
        return self.known(list(dict.fromkeys(args))) or open_today
