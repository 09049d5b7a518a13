"""What a fetched page is when it is no article: each outcome of the closed list, judged by its signs."""

from __future__ import annotations

import re
from urllib.parse import unquote

from crawler.extraction import gone, signs
from crawler.extraction.outline import Outline
from crawler.extraction.page import Page, parts_of

Outcome = tuple[str, str]
"""An outcome of the closed list and the reason, one clause."""
LISTING_ROOT = re.compile(
    r"\s{0,99}(?:<\?xml[^>]{0,200}>\s{0,99})?(?:<(?:!--[^>]{0,500}|\?[^>]{0,500})>\s{0,99}){0,3}"
    r"<(?:rss|feed|rdf:rdf|urlset|sitemapindex)\b",
    re.IGNORECASE,
)
"""Feeds and sitemaps, whatever their header says; an XHTML page begins with ``<?xml`` too."""
PAGE_START = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
XML = ("<?xml", "<rss", "<feed", "<urlset", "<sitemapindex")


def before_parsing(body: bytes, content_type: str, html: str) -> Outcome | None:
    """Return outcome and reason where bytes, header or first lines show that there is no page to read."""
    if len(body) > signs.LARGEST:
        return "page/too-large", f"{len(body)} bytes; at most {signs.LARGEST} are read"
    if not body.strip():
        return "page/no-body", "the response is empty"
    other = _other_than_html(body, content_type, html)
    return ("page/not-html", other) if other else None


def _other_than_html(body: bytes, content_type: str, html: str) -> str:
    """Return what a response is if not HTML, or an empty string."""
    if body.startswith(signs.NOT_HTML):
        return "the first bytes are those of a file"
    if LISTING_ROOT.match(html):
        return "a feed or a sitemap"
    start = html.lstrip()[:2000]
    if start.startswith((*XML, "{", "[")) and not PAGE_START.search(start):
        return "the response is XML or JSON"
    if signs.HTML_START.search(html[:2000]):
        return ""
    if signs.OTHER_TYPES.match(content_type):
        return f"content type {content_type}"
    return "" if "<" in html else "no markup in the response"


def blocked(page: Page, prose: int) -> Outcome | None:
    """Return outcome and reason of a page that stands in an article's place: challenge, login, soft 404.

    ``prose`` is how many characters of paragraphs the page shows; a page with a text is none of these.
    """
    if prose > signs.SOME_TEXT or (page.article and prose > signs.FEW):
        return None
    if signs.challenges(page, prose):
        return "page/challenge", "the page asks the visitor to prove something or to come again with a cookie"
    heads = [page.heading, *(n.text(strip=True) for n in page.tree.css("h1, h2")[:6])]
    absent = next((h for h in heads if gone.GONE.search(h)), None)
    if absent and not page.article:
        return "page/soft-404", f"the page is headed {absent[:80]!r}"
    head = " ".join(heads)
    if signs.asks_captcha(page, prose):
        return "page/challenge", "the page asks the visitor to type what a picture says"
    if signs.asks_password(page, head, prose):
        return "page/login", "a password is asked for and no text shown"
    return None


def without_text(
    page: Page, outline: Outline, *, title: str, images: int, says: bool, empty_container: bool
) -> Outcome:
    """Return outcome and reason of a page on which no article's text was found.

    ``says``: the page says that it is an article (`signs.says_article`); ``images``: pictures of it that
    are no links; ``empty_container``: the place of the text is there, with nothing in it.
    """
    blob = signs.hidden_blob(page)
    if says and blob:
        return "page/body-hidden", blob
    if signs.is_media(page, outline, title) or signs.MEDIA_PATH.search(unquote(parts_of(page.url).path)):
        return "page/media", "a video, photo set, podcast or e-paper without a text"
    if gone.soft_404(outline):
        return "page/soft-404", "the page says that there is nothing here"
    empty = empty_container or signs.empty_container(page) or signs.empty_root(page)
    if (says and empty and signs.is_filled_later(page, outline)) or signs.is_bare_root(page):
        return "page/body-hidden", "the article's container is empty as served"
    if title and (coded := signs.hidden_attribute(page)):
        return "page/body-hidden", coded
    listed = _list(page, outline, title) if not says or not title or parts_of(page.url).path in ("", "/") else None
    return listed or _leftover(page.html, outline, images, blob)


def _leftover(html: str, outline: Outline, images: int, blob: str) -> Outcome:
    if not outline.media and signs.PLAYED.search(html):
        return "page/media", "a player that a script puts in its place, without a text"
    if outline.media or images >= signs.MANY_PICTURES:
        return "page/media", f"{len(outline.media)} players and {images} pictures without a text"
    return ("page/body-hidden", blob) if blob else ("page/no-body", "no paragraph of an article on the page")


def _list(page: Page, outline: Outline, title: str) -> Outcome | None:
    if signs.TAG_PATH.search(page.url) or signs.TAG_TITLE.match(title):
        return "page/tag", "the address or the heading is a tag's, event's or search's"
    return ("page/listing", "the page is a list of links to articles") if signs.is_list(outline) else None


def may_have_text(page: Page, outline: Outline, title: str) -> bool:
    """Return whether a page on which no text was found shows none of the signs of one that has none."""
    hidden = signs.hidden_blob(page) or signs.empty_container(page)
    return not (hidden or signs.is_media(page, outline, title) or gone.soft_404(outline) or signs.is_list(outline))


def not_text(page: Page, outline: Outline, title: str, text: str, *, says: bool, dated: bool) -> Outcome | None:
    """Return outcome and reason where what was read as a text is a player's description or a list's teasers."""
    if len(text) < signs.CAPTION_LONG and outline.media and signs.is_media(page, outline, title):
        return "page/media", "a player with a description"
    if says:
        return None
    listed = _list(page, outline, title)
    if listed is None or listed[0] == "page/tag":
        return listed
    certain = not dated or signs.heads_section(page, outline, title)
    return listed if certain and len(text) < signs.LIST_TEXT else None
