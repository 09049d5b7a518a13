"""A page names an address, however it writes it."""

from __future__ import annotations

import pytest

from pipelines.addresses_named import Addresses, Written

SLUG = "https://bao.example/tin-bai/doi-song/cho-que-hop-som"
ASKED = "https://bao.example/detail.aspx?id=5"
FILE = "https://bao.example/a/tin-x.html"
SHORT = "https://bao.example/5"
LOOKED_FOR = Addresses([SLUG, ASKED, FILE, SHORT])
OWN, OTHERS = "https://bao.example", "https://khac.example"


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ('<a href="cho-que-hop-som">', f"{OWN}/tin-bai/doi-song/"),
        ('<a href="../a/tin-x.html#binh-luan">', f"{OWN}/b/y"),
        ("<a href=?id=5>", f"{OWN}/detail.aspx?id=4"),
        ('<base href="https://bao.example/a/"><a href=tin-x.html>', f"{OTHERS}/b/y"),
        ('<a href="//www.bao.example/a/tin-x.html">', f"{OTHERS}/b/y"),
        ('<a href="http://bao.example/a/tin-x.html?utm_source=x">', f"{OTHERS}/b/y"),
        ('<a href="https://chia.example/?u=https%3A%2F%2Fbao.example%2Fa%2Ftin-x.html&t=1">', f"{OTHERS}/"),
        (r'{"link": "https:\/\/bao.example\/a\/tin-x.html"}', f"{OTHERS}/"),
        (r'{"link": "https:\u002F\u002Fbao.example\u002Fa\u002Ftin-x.html"}', f"{OTHERS}/"),
        ("<link>https://bao.example/detail.aspx?id=5&amp;fbclid=x</link>", f"{OTHERS}/"),
        ("<p data-go='/5'>", f"{OWN}/z"),
    ],
)
def test_addresses_are_found_however_they_are_written(page: str, url: str) -> None:
    assert LOOKED_FOR.named_on(Written(page, url), own=url.startswith(OWN))


def test_a_slug_of_which_a_script_makes_an_address_up_names_it_on_its_own_site() -> None:
    page = Written('{"category": "doi-song", "slug": "cho-que-hop-som"}', f"{OWN}/api")
    assert LOOKED_FOR.named_on(page, own=True)
    assert not LOOKED_FOR.named_on(page, own=False)


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ('<a href="/6/5">nam</a>', f"{OWN}/z"),
        ('<a href="tin-x.html">', f"{OTHERS}/a/"),
        ('<a href="/detail.aspx?id=55">', f"{OWN}/"),
        ('<a href="/a/tin-x.html.bak">, http://[', f"{OWN}/"),
        ('<a href="/tin-bai/doi-song/cho-que-hop-som-2">', f"{OWN}/"),
    ],
)
def test_other_addresses_are_none(page: str, url: str) -> None:
    assert not LOOKED_FOR.named_on(Written(page, url), own=url.startswith(OWN))
    assert not Addresses([]).named_on(Written(page, url), own=True)
