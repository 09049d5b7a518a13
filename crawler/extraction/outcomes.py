"""What a fetched page is when it is no article: the signs of each outcome of the closed list."""

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
NOT_HTML = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"OggS", b"\x00\x00\x00", b"Rar!", b"ID3")
HTML_START = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|title|div|p|h1|article|main|section|table|script|link)\b", re.IGNORECASE)
OTHER_TYPES = re.compile(r"^\s*(?:application/(?!xhtml)|image/|audio/|video/|text/(?!html|plain)|font/)", re.IGNORECASE)
MEDIA_PATH = re.compile(r"/(?:videos?|clips?|media|multimedia|podcasts?|audio|e-?magazine|emagazine|infographics?|longform|megastory|photos?|anh|phong-su-anh"
                        r"|truyen-hinh|tv|phat-thanh|radio|e-?paper|epaper|bao-in|bao-giay|xem-bao|doc-bao-in|tin-anh|chum-anh|video-clip)(?:/|$|[-.])", re.IGNORECASE)
TAG_PATH = re.compile(r"/(?:tags?|tu-khoa|tukhoa|keywords?|chu-de|su-kien|event|tim-kiem|search|hashtag|topics?|dong-su-kien)(?:/|$|[.?-])|-p?tag\d*(?:\.html?)?$|-event\d+\.html$|[?&](?:q|tag|keyword)=", re.IGNORECASE)
CHALLENGE = (
    "just a moment...", "checking your browser", "cf-browser-verification", "challenge-platform", "cf_chl_", "enable javascript and cookies",
    "ddos protection", "attention required! | cloudflare", "you are human", "you are a human", "xác minh bạn", "xác minh rằng bạn",
    "bạn không phải là robot", "bạn không phải robot", "are you a robot", "vui lòng bật javascript", "yêu cầu bật javascript", "__ddg",
    "sucuri_cloudproxy", "_incapsula_", "d1n.cookie", "antibot", "anti-bot", "hcaptcha.com/1/api", "g-recaptcha-response",
)
"""What the pages of known gatekeepers hold, in lower case."""
RELOADS = re.compile(r"document\.cookie\s*=.{0,2000}?location\.(?:reload|href|replace)|location\.(?:reload|href|replace).{0,2000}?document\.cookie\s*=", re.IGNORECASE | re.DOTALL)
LOGIN = re.compile(r"đăng nhập|log ?in|sign ?in|tài khoản|mật khẩu", re.IGNORECASE)
LOGIN_TITLE = re.compile(r"^\W*(?:đăng nhập|log ?in|sign ?in|yêu cầu đăng nhập)", re.IGNORECASE)
GONE = re.compile(r"\b404\b|không (?:được )?(?:tìm thấy|tồn tại|có trang|tìm được)|(?:page|trang|bài viết|nội dung|article|liên kết) (?:not found|(?:này )?(?:đã bị|đã|bị) (?:xóa|xoá|gỡ|xóa bỏ|di chuyển))"
                  r"|not found|không có bài viết|does not exist|trang bạn (?:yêu cầu|tìm|truy cập)|lỗi 404|đường dẫn (?:không|đã)", re.IGNORECASE)
BLOB = re.compile(r"(?<![\w+/=:,;-])[A-Za-z0-9+/]{600,}={0,2}(?![\w+/])")
DECODES = re.compile(r"CryptoJS|decrypt\w*\(|\batob\(|encrypted|mã hóa|data-(?:enc|cipher|encrypted)|fromCharCode", re.IGNORECASE)
CONTAINER = (
    "[itemprop=articleBody], [class*=content-detail], [class*=detail-content], [class*=article__body], [id*=content-detail], "
    "[class*=entry-content], [class*=cms-body], [class*=content-fck], #newscontents, [class*=td-post-content], article.entry, "
    "div.entry, #dcontent, #contentNews, [class*=article-body], [class*=detail__content]"
)
MEDIA_TITLE = re.compile(r"^\W*(?:video|clip|podcast|infographic|e-?magazine|megastory|longform|ảnh|chùm ảnh|phóng sự ảnh|truyền hình|báo in|audio)\b\s*[:\])|-]", re.IGNORECASE)
TAG_TITLE = re.compile(r"^\W*(?:tags?|từ khóa|từ khoá|chủ đề|kết quả tìm kiếm|tìm kiếm|sự kiện|dòng sự kiện)\b\s*[:|-]", re.IGNORECASE)
ARTICLE_PATH = re.compile(r"(?:[a-z0-9]+-){4,}[a-z]*\d{4,}(?:\.\w+)?/?$|(?:[a-z0-9]+-){4,}[0-9a-f]{7}/?$|/\d{4,}/(?:[A-Za-z0-9]+-){3,}[^/]*$")
NAMED_PATH = re.compile(r"\d[^/]*/?$|[^/]+-[^/]+-[^/]+-[^/]+/?$")
"""Slug and number: how nearly all newspapers address an article."""
MANY_PICTURES = 3
GONE_LINE = 120
"""Characters of the longest line that says a page is gone; a teaser is longer."""
CAPTION_LONG = 400
"""Characters below which the words beside a player are its description."""
LIST_TEXT = 1500
"""Characters above which a text is none of teasers."""
LEAD_MARK = re.compile(r"sapo|(?:^|[\s_-])(?:lead|desc|description|summary|chapeau|phead|reply)(?:$|[\s_-])", re.IGNORECASE)
ENOUGH = 120
"""Characters of a text that is an article's without further evidence than its headline and date."""
FEW = 40
"""Characters that are still a text where the page says it is an article."""


def before_parsing(body: bytes, content_type: str, html: str) -> tuple[str, str] | None:
    """Return outcome and reason where bytes, header or first lines show that there is no page to read."""
    if len(body) > LARGEST:
        return "page/too-large", f"{len(body)} bytes; at most {LARGEST} are read"
    if not body.strip():
        return "page/no-body", "the response is empty"
    if body.startswith(NOT_HTML) or (OTHER_TYPES.match(content_type) and not HTML_START.search(html[:2000])):
        return "page/not-html", f"content type {content_type or 'unknown'}"
    start = html.lstrip()[:1]
    if start in ("{", "[") and not HTML_START.search(html[:2000]):
        return "page/not-html", "the response is JSON"
    if html.lstrip()[:200].startswith(("<?xml", "<rss", "<feed", "<urlset", "<sitemapindex")) and not HTML_START.search(html[:2000]):
        return "page/not-html", "the response is XML"
    return None if "<" in html or HTML_START.search(html) else ("page/not-html", "no markup in the response")


def blocked(page: Page, prose: int) -> tuple[str, str] | None:
    """Return outcome and reason of a page that stands in an article's place: challenge, login, soft 404.

    ``prose`` is how many characters of paragraphs the page shows; a page with a text is none of these.
    """
    if prose > 900 or (page.article and prose > FEW):
        return None
    html = page.html
    if prose < 500 and len(html) < 120_000 and _challenges(html[:60_000].lower()):
        return "page/challenge", "the page asks the visitor to prove something"
    if len(html) < 6_000 and prose < 80 and RELOADS.search(html):
        return "page/challenge", "a script sets a cookie and loads the page again"
    head = " ".join([page.heading, *(n.text(strip=True) for n in page.tree.css("h1, h2")[:6])])
    if GONE.search(head) and not page.article and prose < 600:
        return "page/soft-404", f"the page is headed {head[:80]!r}"
    if page.tree.css_first("input[type=password]") is not None and prose < 300 and not page.article and (LOGIN_TITLE.search(head) or not _many_links(page)):
        return "page/login", "a password is asked for and no text shown"
    if LOGIN_TITLE.search(page.heading) and prose < 300:
        return "page/login", "the page is headed as a login"
    return None


def _challenges(html: str) -> bool:
    return any(sign in html for sign in CHALLENGE)


def _many_links(page: Page) -> bool:
    return len(page.tree.css("a[href]")) > 60


def soft_404(page: Page, outline: Outline) -> bool:
    """Return whether a line of a page without a text says that there is nothing here."""
    lines = [b for b in outline.blocks if not b.src and not b.linky and not outline.zones[b.element]]
    return any(len(b.text) < GONE_LINE and GONE.search(b.text) for b in lines)


def says_article(page: Page, patterns: tuple[re.Pattern[str], ...] = ()) -> bool:
    """Return whether JSON-LD, meta, the paper's own form of address or one usual for articles say that the page is one."""
    if page.article or page.meta("article:published_time", "datepublished", "article:section"):
        return True
    parts = parts_of(page.url)
    if page.meta("og:type").lower() in ("article", "blog", "news") and NAMED_PATH.search(parts.path) and not TAG_PATH.search(page.url):
        return True
    target = parts.path + ("?" + parts.query if parts.query else "")
    if any(p.search(target) for p in patterns):
        return True
    return ARTICLE_PATH.search(parts.path) is not None and not TAG_PATH.search(page.url) and not patterns


def is_media(page: Page, outline: Outline, title: str) -> bool:
    """Return whether a page is a film's, a podcast's, a photo set's or an e-paper's own, going by what it says of itself."""
    if page.meta("og:type").lower().startswith(("video", "music")) or _media_thing(page):
        return True
    named = MEDIA_PATH.search(unquote(parts_of(page.url).path)) or MEDIA_TITLE.match(title)
    return bool(named) and (bool(outline.media) or not page.article)


def without_text(
    page: Page, outline: Outline, *, title: str, images: int, says: bool, empty_container: bool
) -> tuple[str, str]:
    """Return outcome and reason of a page on which no article's text was found."""
    blob = _hidden_blob(page)
    if says and blob:
        return "page/body-hidden", blob
    if is_media(page, outline, title) or MEDIA_PATH.search(unquote(parts_of(page.url).path)):
        return "page/media", "a video, photo set, podcast or e-paper without a text"
    if soft_404(page, outline):
        return "page/soft-404", "the page says that there is nothing here"
    if says and (empty_container or _empty_container(page)):
        return "page/body-hidden", "the article's container is empty as served"
    if not says or not title or parts_of(page.url).path in ("", "/"):
        if TAG_PATH.search(page.url) or TAG_TITLE.match(title):
            return "page/tag", "the address or the heading is a tag's, event's or search's"
        if _is_list(outline):
            return "page/listing", "the page is a list of links to articles"
    if outline.media or images >= MANY_PICTURES:
        return "page/media", f"{len(outline.media)} players and {images} pictures without a text"
    if blob:
        return "page/body-hidden", blob
    return "page/no-body", "no paragraph of an article on the page"


def is_hidden(page: Page, text: str, marks: str, *, says: bool) -> bool:
    """Return whether the one paragraph of an article's page is its lead, beside a text that is hidden.

    ``marks`` are the class names of the paragraph: a sapo is not a body.
    """
    if not says or len(text) >= CAPTION_LONG:
        return False
    return LEAD_MARK.search(marks) is not None or _empty_container(page) or bool(_hidden_blob(page))


def may_have_text(page: Page, outline: Outline, title: str) -> bool:
    """Return whether a page on which no text was found shows none of the signs of one that has none."""
    hidden = _hidden_blob(page) or _empty_container(page)
    return not (hidden or is_media(page, outline, title) or soft_404(page, outline) or _is_list(outline))


def _media_thing(page: Page) -> bool:
    return any(jsonld.types(t) & {"videoobject", "imagegallery", "podcastepisode", "audioobject", "mediagallery"} for t in page.things)


def _is_list(outline: Outline) -> bool:
    """Return whether headlines that are links make up the page."""
    heads = sum(b.linky and len(b.text.split()) >= 5 for b in outline.blocks)
    prose = sum(is_prose(b) and not is_teaser(outline, i) and not outline.zones[b.element] for i, b in enumerate(outline.blocks))
    return heads >= 5 and heads > 2 * prose


def _hidden_blob(page: Page) -> str:
    """Return a sentence where the page carries a long coded text and what decodes it."""
    match = BLOB.search(page.html)
    if match and DECODES.search(page.html):
        return f"a coded text of {len(match.group())} characters that a script decodes"
    return ""


def _empty_container(page: Page) -> bool:
    return any(not n.text(strip=True) for n in page.tree.css(CONTAINER))


def not_text(page: Page, outline: Outline, title: str, text: str, *, says: bool, dated: bool) -> tuple[str, str] | None:
    """Return outcome and reason where what was read as a text is a player's description or a list's teasers."""
    if len(text) < CAPTION_LONG and outline.media and is_media(page, outline, title):
        return "page/media", "a player with a description"
    if says:
        return None
    if TAG_PATH.search(page.url) or TAG_TITLE.match(title):
        return "page/tag", "the address or the heading is a tag's, event's or search's"
    if _is_list(outline) and len(text) < LIST_TEXT and (not dated or _heads_section(page, outline, title)):
        return "page/listing", "the page is a list of links to articles"
    return None


def _heads_section(page: Page, outline: Outline, title: str) -> bool:
    """Return whether the headline is the name of a section: what a link to one says."""
    wanted = key(title)
    paths = [parts_of(page.absolute(ln.href)).path for ln in outline.links if key(ln.text) == wanted]
    return any(not re.search(r"\d{4,}", path) for path in paths)
