"""Knows the addresses that are no article's at any newspaper, told by whole folders and files, never by parts of words.

An article's slug may begin with any of these words (``tag-heuer-mo-cua-hang-post12.html``, ``trang-trai-…``).
"""

from __future__ import annotations

import re

SERVICES = (
    "tag|tags|tu-khoa|keywords?|hashtag|topics?|tac-gia|authors?|but-danh|"  # what collects articles
    "search|tim-kiem|s|rss|feeds?|atom|sitemaps?|page|trang|danh-muc|archives?|luu-tru|index|default|"  # other listings
    "print|in-bai|ban-in|amp|login|logout|dang-nhap|dang-ky|register|comments?|share|"  # what is done with one
    "lien-he(?:-quang-cao|-toa-soan)?|contact|about(?:-us)?|dieu-khoan|e-?papers?|bao-in|bao-giay|"  # it
    "polls?|binh-chon|tham-do(?:-y-kien)?|vote"
)
FILES = (
    "uploads?|uploaded|images?|img|medias|files?|dataimages|newsimg|databases?|data|static|assets|themes?|"
    "service|api|ajax"
)
LISTING = re.compile(
    rf"(?:^|/)(?:{SERVICES}|{FILES})(?:\.[a-z]{{2,5}})?(?:/|$)|-(?:event|p?tag)\d*\.html?$"
    r"|(?:^|/)gioi-thieu(?:\.[a-z]{2,5})?/?$",
    re.IGNORECASE,
)
"""A folder or file, whole, that is named as a service of a site's."""
GATHERING = re.compile(
    r"(?:^|(?<!tin-bai)/)(?:(?:dong-)?su-kien|events?|chuyen-muc|categor(?:y|ies))/[^/]+(?:/\d+(?:\.[a-z]+)?)?/?$",
    re.IGNORECASE,
)
"""A folder of events or sections and the name of one; what lies below that name is an article."""
THEME = re.compile(r"(?:^|/)chu-de/[^/]+(?:/\d+(?:\.[a-z]+)?)?/?$", re.IGNORECASE)
"""The same of themes, whose numbers may be as long as an article's."""
NUMBERED = re.compile(
    r"(?:postid\d+|[-/]a?\d{5,}(?:-\d+)?)(?:\.[a-z]{2,5})?/?$|/\d{6}/[^/]+-[0-9a-f]{7}/?$", re.IGNORECASE
)
"""An article's number at the end: a section may be called events too, and events are not counted so far."""
PAGE = re.compile(
    r"/(?:trang|pages?|p)[-_]?\d{1,4}(?:\.[a-z]{2,5})?/?$|[-_](?:trang|page)[-_]\d{1,2}(?:\.[a-z]{2,5})?/?$",
    re.IGNORECASE,
)
"""A numbered page of a listing: ``/trang-2.html``, ``/page/2``, ``/kinh-te-trang-2.html``.

``…-o-nha-trang-512.html`` is an article.
"""
QUERY = re.compile(
    r"(?:^|&)(?:(?:p|pg|paged?|page_?index|current_?page|trang)=\d+|(?:q|s|k|tag|keywords?|tu-?khoa|search)=[^&]*)(?:&|$)",
    re.IGNORECASE,
)
"""Parameters that turn a listing's pages or ask for words."""
NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|ico|css|m?js|json|xml|rss|atom|rdf|pdf|docx?|xlsx?|pptx?|epub|txt|csv|"
    r"zip|rar|7z|gz|mp[34]|m4[av]|m3u8|webm|wav|avi|mov|flv|swf|woff2?|ttf|ashx|axd|asmx|chn)/?$",
    re.IGNORECASE,
)
"""A file's ending that is no page's: a picture, a sheet, a feed, a document."""


def is_no_article(path: str, query: str) -> bool:
    """Say whether an address is a tag's, an author's, a search's, a listing's page, a service's or a file's."""
    return bool(
        LISTING.search(path)
        or THEME.search(path)
        or (GATHERING.search(path) and not NUMBERED.search(path))
        or PAGE.search(path)
        or NO_PAGE.search(path)
        or QUERY.search(query)
    )
