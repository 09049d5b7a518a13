"""The made-up papers whose sections are listed in JSON: what the scripts of their pages ask for, and get."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from tests.doors.pages import as_json, document, entries, menu
from tests.doors.pieces import SECTION_TITLES, SECTIONS

if TYPE_CHECKING:
    from tests.doors.sites import Paper

SITE_ID = hashlib.md5(b"site", usedforsecurity=False).hexdigest()
CATEGORIES = {57 + n: section for n, section in enumerate(SECTIONS)}
NEWEST = 6


def _number(given: Mapping[str, str], name: str, otherwise: int) -> int:
    return int(given[name]) if given.get(name, "").isdigit() else otherwise


def category(section: str) -> str:
    return hashlib.md5(section.encode(), usedforsecurity=False).hexdigest()


def _listed(paper: Paper, section: str, more: str) -> str:
    shown = entries(paper.of(section)[:NEWEST], paper.plan.address)
    return document(SECTION_TITLES[section], menu(paper.plan.section_path) + shown + more)


def _section(paper: Paper, path: str) -> str | None:
    return next((s for s in SECTIONS if paper.plan.section_path.format(s) == path), None)


def vnpt(paper: Paper, path: str, given: Mapping[str, str]) -> str | None:
    """Answer as VNPT's second generation does: ids hidden in the section page, articles from ``first`` on."""
    section = _section(paper, path)
    if section:
        hidden = {"site_id": SITE_ID, "cate_id": category(section), "cate_url": f"/{section}/"}
        inputs = "".join(f'<input type="hidden" id="{name}" value="{value}">' for name, value in hidden.items())
        return _listed(paper, section, f'<div id="page_info">{inputs}</div>')
    if path != "/service/api/article/list":
        return None
    section = next((s for s in SECTIONS if given.get("saArticleCateId") == category(s)), None)
    found = paper.of(section) if section and given.get("scUnitMapId") == SITE_ID else ()
    first, size = _number(given, "first", 0), min(_number(given, "pageSize", 10), 15)
    return as_json(
        {
            "status": "OK",
            "response": [
                {
                    "title": p.title,
                    "pageUrl": paper.plan.address(p),
                    "lead": p.lead,
                    "avatar": f"/file/{SITE_ID}/{p.published:%m%Y}/anh-{p.number}.jpg",
                    "publishDate": f"{p.published:%Y-%m-%dT%H:%M:%S}",
                    "objectType": "article",
                }
                for p in found[first : first + size]
            ],
        }
    )


def by_category(paper: Paper, path: str, given: Mapping[str, str]) -> str | None:
    """Answer ``/list-post-by-category``, whose address the section page's button names."""
    section = _section(paper, path)
    if section:
        number = next(n for n, s in CATEGORIES.items() if s == section)
        url = f"/list-post-by-category?page=2&limit=12&category_id={number}&show_thumb=true&show_desc=true"
        return _listed(paper, section, f'<button class="xem-them" data-url="{escape(url)}">Xem thêm</button>')
    if path != "/list-post-by-category":
        return None
    found = paper.of(CATEGORIES.get(_number(given, "category_id", 0), "")) or ()
    page, size = _number(given, "page", 1), _number(given, "limit", 12)
    return as_json(
        {
            "data": [
                {
                    "id": p.id,
                    "name": p.title,
                    "link": paper.base + paper.plan.address(p),
                    "desc": p.lead,
                    "thumb": f"{paper.base}/upload/image/{p.published:%Y%m}/thumbnail/{p.id}.jpg",
                    "published_at": f"{p.published:%d/%m/%Y %H:%M}",
                }
                for p in found[(page - 1) * size : page * size]
            ]
        }
    )


def shell(paper: Paper, path: str, _given: Mapping[str, str]) -> str | None:
    """Return the pages that a script fills: they link the menu alone and name the list in the script."""
    section = _section(paper, path) or (SECTIONS[0] if path == "/" else None)
    if section is None:
        return None
    script = f'<script>const dau = fetch("{api_list(paper, section)}").then(d => ve(d));</script>'
    return document(
        f"Báo {paper.plan.name}", f'{menu(paper.plan.section_path)}<div id="root" class="tin"></div>{script}'
    )


def api_list(paper: Paper, section: str) -> str:
    return f"{paper.api}/api/web/article-get-news-by-category-slug?category_slug={section}&limit=20&page=1"


def api_sections(paper: Paper) -> Mapping[str, Sequence[str]]:
    return {"sections": [api_list(paper, s) for s in SECTIONS]}


def api(paper: Paper, path: str, given: Mapping[str, str]) -> str | None:
    """Answer on the paper's second host; addresses are in pieces."""
    if path != "/api/web/article-get-news-by-category-slug":
        return None
    found = paper.of(given.get("category_slug", ""))
    page, size = _number(given, "page", 1), min(_number(given, "limit", 10), 20)
    return as_json(
        {
            "success": True,
            "data": {
                "category": {"category_slug": given.get("category_slug", ""), "category_name": "Chuyên mục"},
                "items": [
                    {
                        "article_id": p.number,
                        "article_title": p.title,
                        "article_slug": f"{p.slug}-{p.code}",
                        "category_slug": p.section,
                        "article_type_slug": "tin-bai",
                        "created_at": int(p.published.timestamp()),
                    }
                    for p in found[(page - 1) * size : page * size]
                ],
            },
        }
    )
