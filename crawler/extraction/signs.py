"""The signs by which pages that are no article are known: in addresses, headings, markup and words."""

from __future__ import annotations

import re
from urllib.parse import unquote

from crawler.extraction import jsonld
from crawler.extraction.container import is_prose, is_teaser
from crawler.extraction.outline import Outline
from crawler.extraction.page import Page, parts_of
from crawler.extraction.text import key

LARGEST = 10 * 1024 * 1024
"""Bytes of the largest page that is read; the same bound as the download's."""
NOT_HTML = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"OggS",
    b"\x00\x00\x00",
    b"Rar!",
    b"ID3",
)
HTML_START = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|title|div|p|h1|article|main|section|table|script|link)\b", re.IGNORECASE
)
OTHER_TYPES = re.compile(r"^\s*(?:application/(?!xhtml)|image/|audio/|video/|text/(?!html|plain)|font/)", re.IGNORECASE)
MEDIA_PATH = re.compile(
    r"/(?:videos?|clips?|media|multimedia|podcasts?|audio|e-?magazine|emagazine|infographics?"
    r"|longform|megastory|photos?|anh|phong-su-anh"
    r"|truyen-hinh|tv|phat-thanh|radio|e-?paper|epaper|bao-in|bao-giay|xem-bao|doc-bao-in|tin-anh"
    r"|chum-anh|video-clip)(?:/|$|[-.])",
    re.IGNORECASE,
)
TAG_PATH = re.compile(
    r"/(?:tags?|tu-khoa|tukhoa|keywords?|chu-de|su-kien|event|tim-kiem|search|hashtag|topics?"
    r"|dong-su-kien)(?:/|$|[.?-])|-p?tag\d*(?:\.html?)?$|-event\d+\.html$|[?&](?:q|tag|keyword)=",
    re.IGNORECASE,
)
CHALLENGE = (
    "just a moment...",
    "checking your browser",
    "cf-browser-verification",
    "challenge-platform",
    "cf_chl_",
    "enable javascript and cookies",
    "ddos protection",
    "attention required! | cloudflare",
    "you are human",
    "you are a human",
    "xác minh bạn",
    "xác minh rằng bạn",
    "bạn không phải là robot",
    "bạn không phải robot",
    "are you a robot",
    "vui lòng bật javascript",
    "yêu cầu bật javascript",
    "__ddg",
    "sucuri_cloudproxy",
    "_incapsula_",
    "d1n.cookie",
    "antibot",
    "anti-bot",
    "hcaptcha.com/1/api",
    "g-recaptcha-response",
)
"""What the pages of known gatekeepers hold, in lower case."""
CAPTCHA = "input[name*=captcha], input[id*=captcha], input[placeholder*=captcha], img[src*=captcha]"
ASKS_CAPTCHA = re.compile(
    r"nhập (?:mã )?captcha|mã captcha|mã xác (?:nhận|thực|minh)|truy cập bất thường", re.IGNORECASE
)
PLAYED = re.compile(r"\b(?:jwplayer|videojs|flowplayer|Clappr\.Player|Hls)\s*\(|\.m3u8\b")
"""Calls of players that a script puts in an empty place, and the form of a broadcast's address."""
FEW_LINKS = 10
RELOADS = re.compile(
    r"document\.cookie\s*=.{0,2000}?location\.(?:reload|href|replace)|location\.(?:reload|href"
    r"|replace).{0,2000}?document\.cookie\s*=",
    re.IGNORECASE | re.DOTALL,
)
LOGIN_TITLE = re.compile(r"^\W*(?:đăng nhập|log ?in|sign ?in|yêu cầu đăng nhập)", re.IGNORECASE)
BLOB = re.compile(r"(?<![\w+/=:,;-])[A-Za-z0-9+/]{600,}={0,2}(?![\w+/])")
DECODES = re.compile(
    r"CryptoJS|decrypt\w*\(|\batob\(|encrypted|mã hóa|data-(?:enc|cipher|encrypted)|fromCharCode", re.IGNORECASE
)
CODED_ATTRIBUTE = re.compile(
    r"<(div|section|article|p|span)\b[^<>]*\s[\w-]+=[\"']([A-Za-z0-9+/]{500,}={0,2})[\"'][^<>]*>\s*</\1>",
    re.IGNORECASE,
)
ROOTS = "#__next, #root, #app, #__nuxt, app-root"
CONTAINER = (
    "[itemprop=articleBody], [class*=content-detail], [class*=detail-content], [class*=article__body], "
    "[id*=content-detail], [class*=entry-content], [class*=cms-body], [class*=content-fck], #newscontents, "
    "[class*=td-post-content], article.entry, div.entry, #dcontent, #contentNews, [class*=article-body], "
    "[class*=detail__content]"
)
PLAIN_CONTAINER = "#content, .content, [class*=article-content], [class*=news-content], [class*=noidung], [id*=noidung]"
MEDIA_TITLE = re.compile(
    r"^\W*(?:video|clip|podcast|infographic|e-?magazine|megastory|longform|ảnh|chùm ảnh|phóng sự ảnh"
    r"|truyền hình|báo in|audio)\b\s*[:\])|-]",
    re.IGNORECASE,
)
TAG_TITLE = re.compile(
    r"^\W*(?:tags?|từ khóa|từ khoá|chủ đề|kết quả tìm kiếm|tìm kiếm|sự kiện|dòng sự kiện)\b\s*[:|-]", re.IGNORECASE
)
ARTICLE_PATH = re.compile(
    r"(?:[a-z0-9]+-){4,}[a-z]*\d{4,}(?:\.\w+)?/?$|(?:[a-z0-9]+-){4,}[0-9a-f]{7}/?$|/\d{4,}/(?:[A-Za-z0-9]+-){3,}[^/]*$"
)
NAMED_PATH = re.compile(r"\d[^/]*/?$|[^/]+-[^/]+-[^/]+-[^/]+/?$")
"""Slug and number: how nearly all newspapers address an article."""
MENU_LINKS = 60
"""Links of a page that has menus and lists; a bare login has fewer."""
SOME_TEXT = 900
"""Characters of a text that no gatekeeper's or error page has."""
MANY_PICTURES = 3
CAPTION_LONG = 400
"""Characters below which the words beside a player are its description."""
LIST_TEXT = 1500
"""Characters above which a text is none of teasers."""
EMPTY_WITHIN = 4
"""Blocks below the headline, its date's row and sapo, behind which the text's place stands."""
PLACES = frozenset(["div", "section", "article"])
LEAD_MARK = re.compile(
    r"sapo|(?:^|[\s_-])(?:lead|desc|description|summary|chapeau|phead|reply)(?:$|[\s_-])", re.IGNORECASE
)
ENOUGH = 120
"""Characters of a text that is an article's without further evidence than its headline and date."""
FEW = 40
"""Characters that are still a text where the page says it is an article."""


def challenges(page: Page, prose: int) -> bool:
    """Return whether the page is a gatekeeper's: it says so, or its script sets a cookie and loads again."""
    html = page.html
    if prose < 500 and len(html) < 120_000 and any(sign in html[:60_000].lower() for sign in CHALLENGE):
        return True
    return len(html) < 6_000 and prose < 80 and RELOADS.search(html) is not None


def asks_captcha(page: Page, prose: int) -> bool:
    """Return whether the page shows no text and asks to type what a picture says."""
    if prose >= ENOUGH or page.article or len(page.tree.css("a[href]")) > FEW_LINKS:
        return False
    return page.tree.css_first(CAPTCHA) is not None and ASKS_CAPTCHA.search(page.html) is not None


def asks_password(page: Page, head: str, prose: int) -> bool:
    """Return whether the page is a login: headed so, or a password field with no text and few links."""
    if prose >= 300 or page.article:
        return False
    if LOGIN_TITLE.search(page.heading):
        return True
    if page.tree.css_first("input[type=password]") is None:
        return False
    return LOGIN_TITLE.search(head) is not None or len(page.tree.css("a[href]")) <= MENU_LINKS


def says_article(page: Page, patterns: tuple[re.Pattern[str], ...] = ()) -> bool:
    """Return whether JSON-LD, meta or the form of its address say that the page is an article.

    ``patterns`` are the paper's own forms; without them the form usual for articles counts.
    """
    if page.article or page.meta("article:published_time", "datepublished", "article:section"):
        return True
    parts = parts_of(page.url)
    if (
        page.meta("og:type").lower() in ("article", "blog", "news")
        and NAMED_PATH.search(parts.path)
        and not TAG_PATH.search(page.url)
    ):
        return True
    target = parts.path + ("?" + parts.query if parts.query else "")
    if any(p.search(target) for p in patterns):
        return True
    return ARTICLE_PATH.search(parts.path) is not None and not TAG_PATH.search(page.url) and not patterns


def is_media(page: Page, outline: Outline, title: str) -> bool:
    """Return whether a page says that it is a film's, a podcast's, a photo set's or an e-paper's own."""
    if page.meta("og:type").lower().startswith(("video", "music")) or has_media_thing(page):
        return True
    named = MEDIA_PATH.search(unquote(parts_of(page.url).path)) or MEDIA_TITLE.match(title)
    return bool(named) and (bool(outline.media) or not page.article)


def is_hidden(page: Page, text: str, marks: str, *, says: bool) -> bool:
    """Return whether the one paragraph of an article's page is its lead, beside a text that is hidden.

    ``marks`` are the class names of the paragraph: a sapo is not a body.
    """
    if not says or len(text) >= CAPTION_LONG:
        return False
    return LEAD_MARK.search(marks) is not None or empty_container(page) or bool(hidden_blob(page))


def has_media_thing(page: Page) -> bool:
    """Return whether JSON-LD speaks of a film, a sound or a gallery."""
    return any(
        jsonld.types(t) & {"videoobject", "imagegallery", "podcastepisode", "audioobject", "mediagallery"}
        for t in page.things
    )


def is_list(outline: Outline) -> bool:
    """Return whether headlines that are links make up the page."""
    heads = sum(b.linky and len(b.text.split()) >= 5 for b in outline.blocks)
    prose = sum(
        is_prose(b) and not is_teaser(outline, i) and not outline.zones[b.element] for i, b in enumerate(outline.blocks)
    )
    return heads >= 5 and heads > 2 * prose


def hidden_blob(page: Page) -> str:
    """Return a sentence where the page carries a long coded text and what decodes it."""
    match = BLOB.search(page.html)
    if match and DECODES.search(page.html):
        return f"a coded text of {len(match.group())} characters that a script decodes"
    return ""


def hides_before(page: Page, outline: Outline, title: int | None, start: int) -> bool:
    """Return whether the article's own place is empty and what was read stands behind it, under another heading."""
    if title is None:
        return False
    named = (
        outline.by_node.get(n.mem_id)
        for n in page.tree.css(f"{CONTAINER}, {PLAIN_CONTAINER}")
        if not n.text(strip=True)
    )
    for element in named:
        if element is not None and title < (first := outline.elements[element].first) <= start:
            between = (outline.blocks[i] for i in range(first, start))
            return any(b.linky or outline.elements[b.element].tag in ("h2", "h3", "h4") for b in between)
    return False


def hidden_attribute(page: Page) -> str:
    """Return a sentence where an element with nothing in it carries a long coded text as an attribute."""
    match = CODED_ATTRIBUTE.search(page.html)
    return f"a coded text of {len(match[2])} characters in an attribute of an empty element" if match else ""


def empty_root(page: Page) -> bool:
    """Return whether the page is built by a script, in an element that is empty as served or on an empty page."""
    if not page.outline.blocks and page.tree.css_first("script[src]") is not None:
        return True
    return any(not n.text(strip=True) for n in page.tree.css(ROOTS))


def is_bare_root(page: Page) -> bool:
    """Return whether a page below the home page prints nothing at all and has a script to fill its one element."""
    if page.outline.blocks or parts_of(page.url).path in ("", "/"):
        return False
    return page.tree.css_first("script[src]") is not None and page.tree.css_first("body div") is not None


def is_filled_later(page: Page, outline: Outline) -> bool:
    """Return whether what is empty as served is not all there is: a script may fill it, or a full sidebar stands by."""
    return page.tree.css_first("script:not([type*=json])") is not None or is_list(outline)


def is_empty_below(page: Page, outline: Outline, title: int | None) -> bool:
    """Return whether an element of any name right below the headline is empty, beside a script and a full sidebar.

    Only of pages whose JSON-LD says that they are an article.
    """
    if title is None or not page.article or page.tree.css_first("script:not([type*=json])") is None:
        return False
    return is_list(outline) and any(
        e.first == e.last and title < e.first <= title + EMPTY_WITHIN and e.tag in PLACES and not e.own_zone
        for e in outline.elements
    )


def empty_container(page: Page) -> bool:
    """Return whether an element named as an article's text stands on the page with nothing in it."""
    return any(not n.text(strip=True) for n in page.tree.css(CONTAINER))


def heads_section(page: Page, outline: Outline, title: str) -> bool:
    """Return whether the headline is the name of a section: what a link to one says."""
    wanted = key(title)
    paths = [parts_of(page.absolute(ln.href)).path for ln in outline.links if key(ln.text) == wanted]
    return any(not re.search(r"\d{4,}", path) for path in paths)
