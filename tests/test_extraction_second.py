"""The second reader: what it is asked for, and how far two readings agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.extraction import extract
from crawler.extraction.second import paragraphs

PAGES = Path(__file__).parent / "pages"


def test_it_reads_behind_an_early_end_of_the_document() -> None:
    page = (PAGES / "mediatech-nested.html").read_text("utf-8")
    wanted = json.loads((PAGES / "mediatech-nested.json").read_text("utf-8"))["text"]
    assert set(wanted.split("\n")) <= set(paragraphs(page))


@pytest.mark.parametrize("page", ["", "<html>", "<html><body></body></html>", "<p>\x00</p>"])
def test_it_reads_nothing_where_there_is_nothing(page: str) -> None:
    assert paragraphs(page) == ()


def test_it_is_not_asked_where_a_text_is_hidden() -> None:
    coded = "QUJDREVGR0hJSktMTU5P" * 60
    page = f"""<title>Bến sông</title><script type="application/ld+json">{{"@type":"NewsArticle","headline":"Bến sông"}}
    </script><h1>Bến sông</h1><div itemprop="articleBody"></div><script>show(atob("{coded}"))</script>
    <div><h3>Bài khác</h3><p>{"Một bài khác hẳn, dài, đứng ở cột bên của trang. " * 9}</p></div>"""
    reading = extract(page.encode(), "https://vac.vn/ben-song-12345.html")
    assert reading.outcome == "page/body-hidden"
    assert reading.text is None
