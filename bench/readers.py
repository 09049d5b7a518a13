"""The readers that are compared: ours, and those of others that are installed, each as a function of a page."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from importlib.metadata import version
from typing import Any

from bench.gold import GoldPage, renamed
from crawler.extraction import extract
from pipelines.charset import decode
from pipelines.items import Reading

Facts = dict[str, Any]
OURS = ("templates", "none", "renamed")
"""Our own three: with the paper's data; with nothing but the page; so, and every mark of the page renamed."""
TO_THE_SECOND = {"original_date": True, "extensive_search": True, "outputformat": "%Y-%m-%dT%H:%M:%S"}
"""trafilatura's own defaults but for the form, which it else cuts to the day."""


def _as_it_is(page: GoldPage) -> GoldPage:
    return page


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: its name in the table, the package and release measured, and what it makes of a page.

    ``prepare`` is done to the page beforehand and not timed.
    """

    name: str
    release: str
    read: Callable[[GoldPage], Facts]
    prepare: Callable[[GoldPage], GoldPage] = _as_it_is


def ours() -> list[Reader]:
    """Return our own readers."""
    return [
        Reader("templates", "baotinh", _with_templates),
        Reader("none", "baotinh", _bare),
        Reader("renamed", "baotinh", _bare, lambda page: replace(page, page=renamed(page.page))),
    ]


def _with_templates(page: GoldPage) -> Facts:
    return _facts(
        extract(page.page, page.url, content_type=page.content_type, paper=page.paper, template=page.template)
    )


def _bare(page: GoldPage) -> Facts:
    return _facts(extract(page.page, page.url, content_type=page.content_type))


def _facts(reading: Reading) -> Facts:
    facts = {field.name: getattr(reading, field.name) for field in fields(reading) if field.name != "lines"}
    return {**facts, "images": [asdict(image) for image in reading.images]}


def peers() -> Iterator[Reader | str]:
    """Give the readers of others; for one that is not installed the sentence that says so."""
    makers = {"trafilatura": _trafilatura, "newspaper4k": _newspaper, "readability-lxml": _readability}
    for package, makes in makers.items():
        try:
            release = version(package)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = makes()
        except ImportError as error:
            yield f"{package} is left out: {error}; 'make bench' installs it into .venv-bench"
            continue
        yield from (Reader(name, f"{package} {release}", read) for name, read in made.items())


def yardstick() -> Reader | None:
    """Return the reader whose time is 1, trafilatura's ``bare_extraction(with_metadata=True)``; None without it."""
    try:
        bare = importlib.import_module("trafilatura").bare_extraction
    except ImportError:
        return None
    return Reader("yardstick", "", lambda page: {"text": bare(page.page, with_metadata=True)})


def _trafilatura() -> dict[str, Callable[[GoldPage], Facts]]:
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    bare = importlib.import_module("trafilatura").bare_extraction

    def read(page: GoldPage, **switches: bool) -> Facts:
        document = bare(
            page.page,
            url=page.url,
            with_metadata=True,
            include_comments=False,
            date_extraction_params=TO_THE_SECOND,
            **switches,
        )
        if document is None:
            return {"outcome": "page/no-body"}
        told = document.as_dict()
        return {
            "title": told.get("title"),
            "author": told.get("author"),
            "published": told.get("date"),
            "lead": told.get("description"),
            "section": next(iter(told.get("categories") or []), None),
            "tags": told.get("tags") or [],
            "text": told.get("text"),
            "outcome": "article" if told.get("text") else "page/no-body",
        }

    return {
        "trafilatura": read,
        "trafilatura, precision": partial(read, favor_precision=True),
        "trafilatura, fast": partial(read, fast=True),
    }


def _newspaper() -> dict[str, Callable[[GoldPage], Facts]]:
    newspaper = importlib.import_module("newspaper")
    logging.getLogger("newspaper").setLevel(logging.CRITICAL)

    def read(page: GoldPage) -> Facts:
        article = newspaper.Article(page.url, language="vi", fetch_images=False)
        article.download(input_html=decode(page.page, page.content_type))
        article.parse()
        return {
            "title": article.title,
            "author": ", ".join(article.authors) or None,
            "published": article.publish_date.isoformat() if article.publish_date else None,
            "lead": article.meta_description,
            "section": (article.meta_data.get("article") or {}).get("section"),
            "tags": sorted(article.tags or ()),
            "text": article.text,
            "outcome": "article" if article.text else "page/no-body",
        }

    return {"newspaper4k": read}


def _readability() -> dict[str, Callable[[GoldPage], Facts]]:
    document = importlib.import_module("readability").Document
    html = importlib.import_module("lxml.html")

    def read(page: GoldPage) -> Facts:
        made = document(decode(page.page, page.content_type), url=page.url)
        tree = html.fromstring(made.summary())
        text = "\n".join(line for line in map(str.strip, _blocks(tree)) if line)
        return {"title": made.short_title(), "text": text, "outcome": "article" if text else "page/no-body"}

    return {"readability-lxml": read}


def _blocks(tree: Any) -> Iterator[str]:
    """Give the text of a tree, a line a block element."""
    for element in tree.iter("p", "div", "li", "td", "h1", "h2", "h3", "h4", "h5", "h6", "br", "tr", "figcaption"):
        element.text = "\n" + (element.text or "")
        element.tail = "\n" + (element.tail or "")
    return iter(tree.text_content().splitlines())
