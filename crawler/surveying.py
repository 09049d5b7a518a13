"""Asks a survey's questions: of the network, as politely as a crawl, or of WARC files; the archive is not touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider

from crawler.discovery.probing import Answer, Question, Survey
from crawler.failures import sentence
from crawler.patience import asks_to_wait
from crawler.politeness import ForbiddenError
from crawler.warc_reading import index
from pipelines.records import RecordError, header, read_record
from pipelines.urls import host_of, url_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from datetime import datetime

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from pipelines.items import Capture

ANY_ANSWER = {"handle_httpstatus_all": True, "dont_redirect": True}
ROBOTS = "/robots.txt"


class SurveySpider(Spider):
    """Asks one question after another; for `CrawlerProcess.crawl` with a `Survey` to fill.

    A host that asks to wait (429, 503) is asked no more: its status is then ``told_to_wait[0]``.
    """

    name = "survey"

    def __init__(self, survey: Survey, told_to_wait: list[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._survey = survey
        self._told_to_wait = told_to_wait

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider, and listen for the robots.txt that politeness fetches."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.downloaded, signal=signals.response_downloaded)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask the first question."""
        for request in self._next():
            yield request

    def _next(self) -> Iterator[Request]:
        question = self._survey.next_question()
        if question:
            meta = {"question": question, **ANY_ANSWER}
            yield Request(question.url, self.answered, errback=self.failed, dont_filter=True, meta=meta)

    def downloaded(self, response: Response, request: Request) -> None:
        """Keep a robots.txt, which the survey reads too."""
        if urlsplit(request.url).path == ROBOTS and "question" not in request.meta:
            self._survey.robots[host_of(request.url)] = response.body if response.status == 200 else b""

    def answered(self, response: Response) -> Iterator[Request]:
        """Take an answer and ask the next question."""
        location = response.headers.get("Location")
        answer = Answer(
            response.url,
            response.status,
            response.body,
            (response.headers.get("Content-Type") or b"").decode("latin-1"),
            location.decode("latin-1") if location else None,
        )
        self._survey.learn(response.meta["question"], answer)
        if asks_to_wait(response):
            self._told_to_wait.append(response.status)
            raise CloseSpider("asked_to_wait")
        yield from self._next()

    def failed(self, failure: Failure) -> Iterator[Request]:
        """Take that nothing came, and ask the next question."""
        question: Question = failure.request.meta["question"]  # type: ignore[attr-defined]
        error = failure.value
        assert error is not None
        answer = Answer(question.url, failure=sentence(error), forbidden=isinstance(error, ForbiddenError))
        self._survey.learn(question, answer)
        yield from self._next()


@dataclass
class WarcPages:
    """The pages of WARC and ARC files by address: the newest that is whole, a 200 before anything else."""

    captures: dict[str, tuple[Path, Capture]] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Iterable[Path]) -> WarcPages:
        """Index the files. Raises RecordError for one that cannot be opened."""
        pages = cls()
        for path in files:
            for capture in index(path):
                if capture.record == "response":
                    pages._add(path, capture)
        return pages

    def _add(self, path: Path, capture: Capture) -> None:
        for key in (capture.url, url_key(capture.url)):
            held = self.captures.get(key)
            if not held or _worth(capture) > _worth(held[1]):
                self.captures[key] = path, capture

    def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses of pages on a host, in the order of their time."""
        found = {c.url: c for _, c in self.captures.values() if host_of(c.url) == host and c.status == 200}
        return tuple(sorted(found, key=lambda url: (found[url].fetched_at, url)))

    def answer(self, question: Question) -> Answer:
        """Return what the files hold of the address asked for."""
        held = self.captures.get(question.url) or self.captures.get(url_key(question.url))
        if not held:
            return Answer(question.url, failure="not in the WARC files")
        path, capture = held
        try:
            record = read_record(path.parent, path.name, capture.warc_offset)
            body = record.body()
        except RecordError as error:
            return Answer(question.url, failure=str(error))
        location = header(record.headers, "Location") if capture.status != 200 else None
        return Answer(capture.url, capture.status, body, header(record.headers, "Content-Type") or "", location)

    def survey(self, survey: Survey) -> None:
        """Answer all of a survey's questions."""
        robots = self.answer(Question(f"https://{survey.asked_host}{ROBOTS}", "home"))
        if robots.status == 200:
            survey.robots[survey.asked_host] = robots.body
        while question := survey.next_question():
            survey.learn(question, self.answer(question))


def _worth(capture: Capture) -> tuple[bool, datetime]:
    return capture.status == 200 and not capture.truncated, capture.fetched_at
