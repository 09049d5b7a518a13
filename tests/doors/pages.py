"""Writes the pages of the made-up papers, each with the marks of its newsroom system."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape

from tests.doors.pieces import SECTION_TITLES, SECTIONS, Piece

Address = Callable[[Piece], str]
"""Path of an article's page."""


def document(title: str, body: str, head: str = "") -> str:
    return (
        '<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{head}</head><body>{body}</body></html>"
    )


def menu(section_path: str) -> str:
    """Return the links to the sections; ``section_path`` is a form such as ``/{}/``."""
    links = "".join(f'<li><a href="{section_path.format(s)}">{SECTION_TITLES[s]}</a></li>' for s in SECTIONS)
    return f'<nav class="menu"><ul><li><a href="/">Trang chủ</a></li>{links}</ul></nav>'


def entries(shown: Sequence[Piece], address: Address) -> str:
    """Return the entries of a listing: link, day and hour as printed, lead."""
    return "".join(
        f'<div class="item"><h3><a href="{address(p)}">{escape(p.title)}</a></h3>'
        f'<span class="ngay">{p.published:%H:%M, %d/%m/%Y}</span><p>{escape(p.lead)}</p></div>'
        for p in shown
    )


def article(system: str, piece: Piece, navigation: str, canonical: str) -> str:
    """Return the page of an article as ``system`` writes it."""
    text = "".join(f"<p>{escape(p)}</p>" for p in piece.paragraphs)
    title, lead = escape(piece.title), escape(piece.lead)
    body = MARKS[system].format(
        title=title,
        lead=lead,
        text=text,
        day=f"{piece.published:%d/%m/%Y}",
        clock=f"{piece.published:%H:%M}",
        iso=piece.published.isoformat(),
        section=SECTION_TITLES[piece.section],
        code=piece.code,
    )
    head = (
        f'<link rel="canonical" href="{canonical}"><meta property="og:type" content="article">'
        f'<meta property="og:title" content="{title}"><meta property="og:url" content="{canonical}">'
        f'<meta property="article:published_time" content="{piece.published.isoformat()}">'
    )
    return document(piece.title, f"{navigation}{body}<footer>Tòa soạn: 1 đường Bến Vắng</footer>", head)


def feed(title: str, shown: Sequence[Piece], base: str, address: Address) -> str:
    """Return an RSS 2.0 feed."""
    items = "".join(
        f"<item><title>{escape(p.title)}</title><link>{base}{address(p)}</link>"
        f"<pubDate>{p.published:%a, %d %b %Y %H:%M:%S +0700}</pubDate></item>"
        for p in shown
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>{base}/</link>{items}</channel></rss>"
    )


def sitemap(shown: Sequence[Piece], base: str, address: Address) -> str:
    """Return a set of URLs with their lastmod."""
    urls = "".join(
        f"<url><loc>{base}{address(p)}</loc><lastmod>{p.published.isoformat()}</lastmod></url>" for p in shown
    )
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def news_sitemap(shown: Sequence[Piece], base: str, address: Address) -> str:
    """Return a sitemap for Google News."""
    urls = "".join(
        f"<url><loc>{base}{address(p)}</loc><news:news><news:publication><news:name>Báo</news:name>"
        f"<news:language>vi</news:language></news:publication>"
        f"<news:publication_date>{p.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(p.title)}</news:title></news:news></url>"
        for p in shown
    )
    return (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def sitemap_index(children: Sequence[str]) -> str:
    """Return an index of sitemaps."""
    items = "".join(f"<sitemap><loc>{child}</loc></sitemap>" for child in children)
    return (
        f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</sitemapindex>'
    )


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


MARKS = {
    "onecms": (
        '<div class="c-news-detail"><div class="c-detail-head"><ol class="breadcrumb"><li><a href="#">{section}</a>'
        '</li></ol><h1 class="c-detail-head__title">{title}</h1>'
        '<span class="c-detail-head__time">{day} {clock}</span></div>'
        '<div class="b-maincontent"><p class="sc-longform-header-sapo block-sc-sapo">{lead}</p>'
        '<article class="entry entry-no-padding">{text}</article></div></div>'
    ),
    "epi": (
        '<div class="article"><div class="article__header"><div class="breadcrumb"><a href="#">{section}</a></div>'
        '<h1 class="article__title cms-title">{title}</h1><div class="article__meta"><time class="time" '
        'datetime="{iso}">{day} {clock}</time></div></div><div class="article__sapo cms-desc">{lead}</div>'
        '<div class="article__body zce-content-body cms-body">{text}</div></div>'
    ),
    "vdoc": (
        '<div class="mybreadcrumb"><ul class="breadcrumb"><li><a href="#">{section}</a></li></ul></div>'
        '<div class="detail-title"><h1>{title}</h1></div><span class="pubdate">{day} - {clock}</span>'
        '<div class="detail-desc"><p>{lead}</p></div><div id="newscontents"><div class="content-fck">{text}</div></div>'
    ),
    "vnpt1": (
        '<h1 class="title">{title}</h1><div class="date"><span>{day}, {clock}</span></div>'
        '<p class="sapo">{lead}</p><div class="content" id="content">{text}</div>'
    ),
    "vnpt2": (
        '<div id="page_info" style="display:none"><input type="hidden" id="site_id" value="{site_id}">'
        '<input type="hidden" id="cate_id" value="{cate_id}"><input type="hidden" id="article_id" value="{code}"></div>'
        '<div class="detail-main-title"><h1 class="title">{title}</h1></div><div class="group-time">'
        '<time class="time">{clock}, {day}</time></div><div class="content-reply"><p class="reply">{lead}</p></div>'
        '<div id="content" class="content-detail td-post-content">{text}</div>'
    ),
    "mediatech": (
        '<div class="breadcrumbs"><ol class="breadcrumb"><li><a href="#">{section}</a></li></ol></div>'
        '<div class="content-article"><h1 class="name">{title}</h1><div class="date">{day} {clock}</div>'
        '<div class="sapo">{lead}</div><div id="content-detail">{text}</div></div>'
    ),
    "htm": (
        '<p class="category"><a href="#">{section}</a></p><h1 class="pTitle">{title}</h1><span class="date">{day} '
        '{clock}</span><p class="pHead">{lead}</p><div id="dcontent">{text}</div>'
    ),
    "ims": (
        '<h1>{title}</h1><div class="ngay">{day} {clock}</div><p class="sapo">{lead}</p>'
        '<div class="noidung">{text}</div>'
    ),
    "bbg": (
        '<a class="post-meta" href="#">{section}</a><h1>{title}</h1><div class="ngay">{clock} {day}</div>'
        '<div class="news_detail_sapo"><p>{lead}</p></div>'
        '<div class="news-details__content link_content">{text}</div>'
    ),
    "vdoc2": (
        '<div class="breadcrumb-news-detail"><a href="#">{section}</a></div><h1 class="title">{title}</h1>'
        '<div class="ngay">{day} - {clock}</div><h4 class="sapo">{lead}</h4>'
        '<div id="contentNews"><div class="singular-content">{text}</div></div>'
    ),
    "laichau": (
        '<div class="post-detail"><div class="post-info"><h1 class="title">{title}</h1>'
        '<span class="text-muted">{clock} {day}</span><div class="sapo">{lead}</div>'
        '<div class="body">{text}</div></div></div>'
    ),
    "ninhbinh": (
        '<div class="content-detail"><h1 class="header-title">{title}</h1><div class="ngay">{clock} {day}</div>'
        '<p class="font-bold">{lead}</p><div id="content_detail">{text}</div></div>'
    ),
    "sonla": (
        '<ul class="breadcrumb"><li><a class="active" href="#">{section}</a></li></ul><h1>{title}</h1>'
        '<div class="ngay">{clock} {day}</div><div class="fulltext"><p class="font-bold">{lead}</p>'
        '<div id="editor-detail">{text}</div></div>'
    ),
    "dienbien": (
        '<div id="detail-news"><a href="/tin-tuc/x">{section}</a><h1>{title}</h1><span>{clock} {day}</span>'
        '<p class="sapo">{lead}</p><div class="editor-content">{text}</div></div>'
    ),
}
MARKS["vnpt2"] = MARKS["vnpt2"].replace("{site_id}", "a" * 32).replace("{cate_id}", "b" * 32)
"""Where each system puts headline, lead, day, section and text."""
