"""Knows when two addresses are one, whose address it is, and which newsroom number it carries."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

from pipelines.not_articles import is_no_article

if TYPE_CHECKING:
    from pipelines.items import Paper

TRACKING = re.compile(
    r"utm_\w+|utm|"  # Google Analytics and all who copy it
    r"gclid|gclsrc|dclid|gbraid|wbraid|_ga|_gl|"  # Google
    r"fbclid|fb_action_ids|fb_action_types|fb_ref|fb_source|"  # Facebook
    r"igshid|igsh|msclkid|ttclid|twclid|yclid|"  # Instagram, Bing, TikTok, X, Yandex
    r"zarsrc|gidzl|zalo_\w+|"  # Zalo
    r"mc_cid|mc_eid|_hsenc|_hsmi|ref_src|ref_url|"  # newsletters, embedded posts
    r"__cf_chl_\w+",  # Cloudflare's challenge
    re.IGNORECASE,
)
"""Parameters that say where a reader came from and never choose an article; `url_key` drops them."""

DEFAULT_PORTS = {"http": 80, "https": 443}
ESCAPE = re.compile(r"%([0-9a-fA-F]{2})|%")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
SAFE = "%!$&'()*+,;=:@/?"

# The general rule for a paper whose address form is not known yet (see `looks_like_article`).
MONTH_FOLDER = re.compile(r"/(?:19|20)\d{2}(?:0[1-9]|1[0-2])/[^/]+-[0-9a-z]{5,}/?$")
PAGE_FILE = re.compile(r"/(?P<stem>[^/]+)\.(?:html?|aspx|bbg|shtml|php)$")
NUMBER = re.compile(r"(?:^|[-/]|[a-z])(?:\d{4,}|(?=[a-f]{0,6}\d)[0-9a-f]{7,})(?:$|[-/p])")
NUMBER_FOLDER = re.compile(r"/\d+/\d{4,}/[^/]+-[^/]+/?$")
NUMBERED_SLUG = re.compile(r"/\d{5,}[-/](?:[^/.-]+-+){2,}[^/.]+/?$")
BARE_SLUG = re.compile(r"/(?:[^/-]+-){3,}\d{5,}/?$")
MIXED_CODE = re.compile(r"-(?=\w*\d)(?=\w*[A-Z])\w{8,}$")
QUERY_NUMBER = re.compile(r"=\d{5,}(?:&|$)")
WORDS_OF_A_HEADLINE = 6
PICTURE = re.compile(r"image|img", re.IGNORECASE)
MOBILE = frozenset({"m", "mobile", "amp", "wap"})
"""Hosts that show the same articles, by the same numbers, as the host they stand below."""
EVERYTHING = re.compile("")
"""The article expression that takes every address whatever: of a paper of which nothing is known yet, whose tags, \
feeds and pages tell what it is."""
EDITION = "edition"
"""The group of an article pattern that tells an edition which numbers its articles by itself."""


def url_key(url: str) -> str:
    """Return the form of ``url`` that only compares and is never fetched (DESIGN, Identity).

    http = https, no ``www.``, host in lower case and IDNA, no default port, no user, no `TRACKING`
    parameters, no fragment, no trailing slash, escapes normalised (RFC 3986, 6.2.2), parameters in
    order of their names. What is no http(s) URL is its own key, trimmed.
    """
    parts = _split(url)
    if parts is None:
        return url.strip()
    pieces = sorted(map(_escaped, _parameters(parts.query)), key=lambda p: p.partition("=")[0])
    query = "?" + "&".join(pieces).replace("+", "%20") if pieces else ""
    return f"https://{parts.host}{_escaped(parts.path).rstrip('/')}{query}"


def host_of(url: str) -> str:
    """Return the host of ``url`` as `url_key` writes it (``:port`` if not the default), or ``""``."""
    parts = _split(url)
    return parts.host if parts else ""


def on_paper(url: str, paper: Paper) -> bool:
    """Say whether ``url`` is http(s) on one of the paper's hosts, with or without ``www.``, same port."""
    return host_of(url) in _hosts(paper.hosts)


def is_article(url: str, paper: Paper) -> bool:
    """Say whether ``url`` is on the paper and has the form of its articles.

    The paper's patterns, searched in path and query without `TRACKING` parameters, decide, unless the address
    is no article's at any paper (`is_no_article`); a paper that has none is judged by `looks_like_article`.
    A paper that takes `EVERYTHING` takes that too.
    """
    if not on_paper(url, paper):
        return False
    parts = _split(url)
    if not paper.article or parts is None:
        return looks_like_article(url)
    match = _match(url, paper)
    return match is not None and (match.re is EVERYTHING or not is_no_article(parts.path, parts.query))


def looks_like_article(url: str) -> bool:
    """Judge an address of an unknown newspaper by what articles' addresses have in common.

    A month folder before a slug with a code, a slug with a number of four digits or more (or a hex
    code of seven) and a page ending, a slug of three words and a number of five digits, before or after
    it, two number folders before a slug, a page that is chosen by a number of five digits or more (not a
    picture), or a page ending after a slug as long as a headline. Never a tag, author, search, event,
    e-paper or numbered listing page, nor a file that is no page.
    """
    parts = _split(url)
    if parts is None or is_no_article(parts.path, parts.query):
        return False
    if any(form.search(parts.path) for form in (MONTH_FOLDER, NUMBER_FOLDER, NUMBERED_SLUG, BARE_SLUG)):
        return True
    page = PAGE_FILE.search(parts.path)
    if page is None:
        return False
    stem, folders = page["stem"], parts.path[: page.start("stem")]
    return bool(
        NUMBER.search(stem)
        or MIXED_CODE.search(stem)
        or NUMBER.search(folders)
        or (QUERY_NUMBER.search(parts.query) and not PICTURE.search(stem))
        or stem.count("-") + 1 >= WORDS_OF_A_HEADLINE
    )


def newsroom_id(url: str, paper: Paper) -> str | None:
    """Return ``<system>:<id>`` or ``<system>/<edition>:<id>``, the newsroom's own number of the article, or None.

    The group ``id`` of the paper's pattern is a number of ``paper.template`` (of a system named as
    the paper where it has none); any other named group is a number of the system of that name. The
    numbers of an edition (a translation, a weekly) are its own: it is told by the group `EDITION`, or
    by a host below another of the paper's, such as ``en.baovidu.example``, unless that is its mobile site.
    """
    match = _match(url, paper)
    groups = match.groupdict() if match else {}
    edition = groups.pop(EDITION, None) or _edition(host_of(url), paper)
    for system, number in groups.items():
        if number:
            named = (paper.template or paper.name) if system == "id" else system
            return f"{named}/{edition}:{number}" if edition else f"{named}:{number}"
    return None


def numbers_disagree(one: str | None, other: str | None) -> bool:
    """Say whether two `newsroom_id` are two articles: different numbers of one system."""
    return bool(one and other and one != other and one.partition(":")[0] == other.partition(":")[0])


def uid(paper_name: str, newsroom: str | None, key: str) -> str:
    """Return the permanent id of an article: ``<paper>-<12 hex>``.

    The hex digits are the first twelve of sha256 over ``paper_name`` and ``newsroom`` (or ``key``,
    its `url_key`, where the address carries no number), joined by a newline, in UTF-8.
    """
    digest = hashlib.sha256(f"{paper_name}\n{newsroom or key}".encode("utf-8", "surrogatepass"))
    return f"{paper_name}-{digest.hexdigest()[:12]}"


@lru_cache(maxsize=1024)
def _hosts(hosts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(filter(None, (host_of(f"https://{host}") for host in hosts)))


def _edition(host: str, paper: Paper) -> str:
    """Return by which name a host stands below another host of the paper, ``""`` if by none or a `MOBILE` one."""
    above = max((own for own in _hosts(paper.hosts) if host.endswith(f".{own}")), key=len, default="")
    name = host.removesuffix(f".{above}") if above else ""
    return "" if name in MOBILE else name


def _match(url: str, paper: Paper) -> re.Match[str] | None:
    parts = _split(url)
    if parts is None:
        return None
    place = "?".join(filter(None, (parts.path, "&".join(_parameters(parts.query)))))
    return next((m for m in (pattern.search(place) for pattern in paper.article) if m), None)


def _parameters(query: str) -> list[str]:
    return [p for p in query.split("&") if p and not TRACKING.fullmatch(p.partition("=")[0])] if query else []


class _Parts(NamedTuple):
    host: str
    path: str
    query: str


@lru_cache(maxsize=1024)
def _split(url: str) -> _Parts | None:
    """Split an http(s) URL with a host and a possible port; None for anything else."""
    try:
        parts = urlsplit(url.strip())
        host = _host(parts) if parts.scheme in DEFAULT_PORTS and parts.hostname else ""
    except ValueError:
        return None
    return _Parts(host, parts.path, parts.query) if host else None


def _host(parts: SplitResult) -> str:
    """Return the host as `url_key` writes it; ``""`` for port 0. Raises ValueError for a port that is none."""
    host, port = (parts.hostname or "").rstrip(".").removeprefix("www."), parts.port
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        host = quote(host, errors="replace")
    host = f"[{host}]" if ":" in host else host
    if port is None or port == DEFAULT_PORTS[parts.scheme]:
        return host
    return f"{host}:{port}" if port else ""


def _escaped(text: str) -> str:
    """Escape what must be, unescape what need not be, hex digits in upper case."""

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return "%25"
        character = chr(int(match[1], 16))
        return character if character in UNRESERVED else match[0].upper()

    return quote(ESCAPE.sub(one, text) if "%" in text else text, safe=SAFE, errors="replace")
