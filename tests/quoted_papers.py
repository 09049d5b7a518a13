"""Two made-up newspapers on loopback that show one another's articles in every way newspapers have."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.crawling import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hidden_paper import Host

HTML = "text/html; charset=utf-8"
SYLLABLES = """
an bờ cầu chợ dòng đồi đường đầm ghe gò hồ hoa kênh khe lúa làng mây mưa nắng ngõ non núi phà quán rẫy ruộng sông suối
thuyền trăng tre vườn xuân xóm yên biển bản bến cánh chiều đêm đèo đá gió giếng hạt hội lối mai mùa nhà
"""
API = "/api/web/article-get-news-by-category-slug?category_slug=kinh-te&limit=20"
PAPERS = """
[thumot]
title = "Báo Thử Một (báo mẫu)"
province = "Điện Biên"
hosts = ["127.0.0.1:{0}"]
template = "dienbien"
feeds = ["http://127.0.0.1:{0}/rss/moi.rss"]
sections = ["http://127.0.0.1:{0}/tin-tuc/kinh-te", "http://127.0.0.1:{0}/tin-bai/doi-song/"]
article = ['^/tin-bai/[^/]+/[^/]+/?$']

[thuhai]
title = "Báo Thử Hai (báo mẫu)"
province = "Lào Cai"
hosts = ["127.0.0.1:{1}"]
sections = ["http://127.0.0.1:{1}/muc/"]
article = ['^/bai/[^/]+$']
"""


@dataclass(frozen=True)
class Story:
    """A made-up article, different for each number; ``unique`` is said by no other, nor by a copy of it."""

    number: int
    category: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    unique: str

    @property
    def slug(self) -> str:
        return f"bai-so-{self.number}"

    @property
    def path(self) -> str:
        return f"/tin-bai/{self.category}/{self.slug}"

    @property
    def said(self) -> list[str]:
        return [self.title, self.lead, *self.paragraphs, self.caption]

    @property
    def caption(self) -> str:
        return f"Khung cảnh {self.title.lower()} nhìn từ bờ bên kia"


def story(number: int, category: str) -> Story:
    choose = random.Random(number)

    def sentence(low: int, high: int) -> str:
        said = " ".join(choose.choice(SYLLABLES.split()) for _ in range(choose.randint(low, high)))
        return f"{said.capitalize()}."

    paragraphs = [" ".join(sentence(14, 22) for _ in range(3)) for _ in range(6)]
    unique = f"quxoam{number}"
    paragraphs[3] += f" Tên gọi là {unique}."
    return Story(number, category, sentence(11, 13)[:-1], sentence(24, 30), tuple(paragraphs), unique)


def page(one: Story, beside: str = "", paragraphs: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return an article's page; ``beside`` stands below its text, ``paragraphs`` are its own where others are given."""
    text = "".join(f"<p>{p}</p>" for p in paragraphs or one.paragraphs)
    picture = f'<figure><img src="/anh/{one.number}.jpg"><figcaption>{one.caption}</figcaption></figure>'
    return HTML, (
        f'<html><head><title>{one.title}</title><meta property="og:type" content="article">'
        f'<meta property="og:title" content="{one.title}"><meta name="description" content="{one.lead}">'
        '<meta property="article:published_time" content="2026-11-24T08:30:00+07:00"></head><body>'
        f'<div id="detail-news"><a href="/tin-tuc/{one.category}">Mục</a><h1>{one.title}</h1>'
        f'<p class="sapo"><strong>{one.lead}</strong></p><div class="editor-content">{text}{picture}</div></div>'
        f"{beside}</body></html>"
    )


def box(href: str, one: Story) -> str:
    """Return a box of related articles that shows one; without an address where ``href`` is empty."""
    shown = f'<a href="{href}">{one.title}</a>' if href else f"<b onclick='mo(7)'>{one.title}</b>"
    return f'<div class="related-box"><h4>Tin liên quan</h4><ul><li>{shown}<p>{one.lead}</p></li></ul></div>'


def listing(*entries: str, head: str = "") -> tuple[str, str]:
    return HTML, f"<html><head>{head}</head><body><h1>Mục</h1>{''.join(entries)}</body></html>"


def entry(href: str, one: Story) -> str:
    return f'<div class="tin"><h3><a href="{href}">{one.title}</a></h3><p>{one.lead}</p></div>'


def composed(*stories: Story) -> tuple[str, str]:
    """Return a list in JSON that gives parts of which the site's scripts make addresses up."""
    data = [
        {
            "id": one.number,
            "title": one.title,
            "sapo": one.lead,
            "article_type_slug": "tin-bai",
            "category_slug": one.category,
            "article_slug": one.slug,
        }
        for one in stories
    ]
    return "application/json", json.dumps({"data": data}, ensure_ascii=False)


def feed(base: str, *stories: Story) -> tuple[str, str]:
    items = "".join(
        f"<item><title>{one.title}</title><link>{base}{one.path}</link><description><![CDATA[<p>{one.lead}</p>]]>"
        "</description></item>"
        for one in stories
    )
    return "application/rss+xml", f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


class Stand(Desk):
    """A desk at which the two newspapers are crawled; their ports are set before it is made."""

    ports = (0, 0)

    def papers(self) -> Path:
        file = self.folder / "papers.toml"
        file.write_text(PAPERS.format(*self.ports), "utf-8")
        return file


def opened(host: Host, other: Host, folder: Path) -> Stand:
    robots = ("text/plain", "User-agent: *\nAllow: /\n")
    host.pages, other.pages = {"/robots.txt": robots}, {"/robots.txt": robots}
    script = f'<script>fetch("{API}")</script>'
    host.pages["/tin-tuc/kinh-te"] = listing(head=script)
    host.pages[API] = composed()
    host.pages["/rss/moi.rss"] = feed(host.base)
    host.pages["/tin-bai/doi-song/"] = other.pages["/muc/"] = listing()
    Stand.ports = (host.port, other.port)
    from tests.demo.server import Sites  # noqa: PLC0415

    folder.mkdir(exist_ok=True)
    return Stand(folder, Sites([]))
