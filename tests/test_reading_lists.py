"""What a reader is told by lists: a province, a day, a name, what was edited or withdrawn, and who copies whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from browse.pages import slug
from browse.places import Province, province_of
from browse.syndication import matrix
from crawler.papers import provinces
from pipelines.archive import Archive
from pipelines.items import Paper, Reading
from tests.test_browse import NOW, PRIVATE, RAILWAY, Site, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

PAPERS = (
    Paper("baosong", "Báo Sông", "Thanh Hóa", ("Thanh Hóa",), ("baosong.example",)),
    Paper("baobien", "Báo Biển", "Khánh Hòa", ("Khánh Hòa",), ("baobien.example",)),
    Paper(
        "baonang",
        "Báo Nắng",
        "Khánh Hòa",
        ("Ninh Thuận",),
        ("baonang.example",),
        until=date(2025, 6, 30),
        successor="baobien",
    ),
)
STRANGE = 'Lê/Hoa "50%" <b>~'
"""A name of a byline that is hard to write into an address."""


def told(paper: str, number: int, **facts: Any) -> Reading:
    made = Reading(
        url=f"https://{paper}.example/tin-{number}.html",
        title=f"Tin số {number} của {paper}",
        text=f"Chuyện thứ {number} mà {paper} kể, không giống chuyện nào khác: {number * 7919} con thuyền.",
        section="Đời sống",
        published="2026-11-20T08:00:00+07:00",
    )
    return replace(made, **facts)


DAY = [told("baosong", n, published=f"2026-11-20T08:{n:02d}:00+07:00", author="Lò Mận") for n in range(1, 30)]
SUN = told("baonang", 1, published="2024-05-06", title="Nắng ở Phan Rang", author=STRANGE)
SEA = told("baobien", 1, published="2026-11-22", title="Biển động", author="Lò Mận, Trần Thị Bến")
STORM = told("baobien", 2, title="Bão vào bờ", lead="Bão đã vào.", published="2026-11-20")
LAST = told("baosong", 99, title="Bài sẽ bị gỡ", published="2026-11-10", author="Người Gỡ")
HIDDEN = replace(PRIVATE, author="Người Riêng, Lò Mận", published="2026-11-20T09:00:00+07:00")
COPY = replace(RAILWAY, url="https://baobien.example/tau.html", published="2026-11-24T09:00:00+07:00")
HIDDEN_COPY = replace(
    RAILWAY,
    url="https://baonang.example/tau-rieng.html",
    title="Bản chép riêng tuyệt mật",
    published="2026-11-24T10:00:00+07:00",
    noarchive=True,
)


def filled(path: Any) -> dict[str, str]:
    """Make an archive in which papers print, copy, edit and withdraw, some of it private; return uids by name."""
    archive = Archive(path, extractor="baotinh/test")
    archive.sync_directory(PAPERS, provinces())
    readings = {
        **{f"day{n}": ("baosong", one) for n, one in enumerate(DAY)},
        "sun": ("baonang", SUN),
        "sea": ("baobien", SEA),
        "storm": ("baobien", STORM),
        "last": ("baosong", LAST),
        "hidden": ("baosong", HIDDEN),
        "railway": ("baosong", RAILWAY),
        "copy": ("baobien", COPY),
        "hidden_copy": ("baonang", HIDDEN_COPY),
    }
    uids = {}
    visits = [
        (name, visit(paper, one, NOW + timedelta(minutes=n))) for n, (name, (paper, one)) in enumerate(readings.items())
    ]
    edits = [
        ("storm", visit("baobien", replace(STORM, title="Bão số 9 vào bờ"), NOW + timedelta(days=1))),
        (
            "storm",
            visit("baobien", replace(STORM, title="Bão số 9 vào bờ", text="Viết lại cả bài."), NOW + timedelta(days=2)),
        ),
        ("hidden", visit("baosong", replace(HIDDEN, title="Tựa riêng tuyệt mật đã sửa"), NOW + timedelta(days=3))),
    ]
    for name, one in [*visits, *edits]:
        assert one.capture
        assert one.article
        archive.record(one.paper, one.capture)
        archive.submit(one)
        uids[name] = one.article.uid
    for name, one in visits:
        for days in (10, 20) if name in ("last", "hidden") else ():
            assert one.capture
            at = NOW + timedelta(days=days)
            capture = replace(one.capture, fetched_at=at, status=404, warc_offset=one.capture.warc_offset + days)
            archive.record(one.paper, capture)
            archive.submit(replace(one, outcome="refused", at=at, capture=capture, article=None))
    archive.close()
    return uids


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("lists") / "archive.db"
    made = Site(path, filled(path))
    yield made
    for database in made.datasette.databases.values():
        database.close()
    made.datasette.executor.shutdown()


def titles(articles: list[dict[str, Any]]) -> list[str]:
    return [str(one["title"]) for one in articles]


def test_a_province_shows_its_papers_of_today_and_before_its_years_and_its_newest(site: Site) -> None:
    known = site.get("/province/khanh-hoa.json").json()
    assert (known["province"], known["is_former"]) == ("Khánh Hòa", False)
    assert known["made_of"] == ["Khánh Hòa", "Ninh Thuận"]
    assert [(p["name"], p["articles"], p["until"]) for p in known["papers"]] == [
        ("baobien", 3, None),
        ("baonang", 1, "2025-06-30"),
    ]
    assert known["years"] == [{"year": "2024", "articles": 1}, {"year": "2026", "articles": 3}]
    assert titles(known["articles"]) == [RAILWAY.title, "Biển động", "Bão số 9 vào bờ", "Nắng ở Phan Rang"]
    page = site.get("/province/khanh-hoa").text
    for shown in ('href="/p/baobien"', 'href="/p/baonang"', 'href="/province/ninh-thuan"', "ra đến 30/06/2025"):
        assert shown in page


def test_a_former_province_says_what_it_is_part_of_and_shows_what_was_printed_there(site: Site) -> None:
    known = site.get("/province/ninh-thuan.json").json()
    assert (known["is_former"], known["today"], titles(known["articles"])) == (True, "Khánh Hòa", ["Nắng ở Phan Rang"])
    assert 'nay thuộc <a href="/province/khanh-hoa">Khánh Hòa</a>' in site.get("/province/ninh-thuan").text


@pytest.mark.parametrize("typed", ["Thanh Hóa", "THANH HOA", "Thanh-Hóa"])
def test_a_province_written_as_people_write_it_leads_to_its_address(site: Site, typed: str) -> None:
    answer = site.get(f"/province/{quote(typed)}")
    assert (answer.status_code, answer.headers["location"]) == (302, "/province/thanh-hoa")
    assert site.get(f"/province/{quote(typed)}.json").headers["location"] == "/province/thanh-hoa.json"


def test_there_is_no_page_of_a_province_that_never_was(site: Site) -> None:
    assert site.get("/province/xu-so-than-tien").status_code == 404


def test_a_province_without_articles_says_so(site: Site) -> None:
    assert "Kho chưa có bài nào" in site.get("/province/lai-chau").text


def test_every_province_today_and_before_has_an_address_of_its_own() -> None:
    pairs = [(before, today) for today, made_of in provinces().items() for before in made_of]
    names = {*(before for before, _ in pairs), *(today for _, today in pairs)}
    assert len({slug(name) for name in names}) == len(names)
    assert {province_of(slug(name), pairs).name for name in names if province_of(slug(name), pairs)} == names  # type: ignore[union-attr]
    assert slug("Bà Rịa - Vũng Tàu") == "ba-ria-vung-tau"
    assert province_of("ha-tay", [("Hà Tây", "Hà Nội")]) == Province("Hà Tây", "Hà Nội", ())


def test_a_day_shows_each_papers_headlines_by_province_and_how_many_more_there_are(site: Site) -> None:
    day = site.get("/d/2026-11-20.json").json()
    assert day["articles"] == 30
    assert [(p["paper"], p["articles"], len(p["headlines"])) for p in day["papers"]] == [
        ("baobien", 1, 1),
        ("baosong", 29, 5),
    ]
    assert titles(day["papers"][1]["headlines"])[0] == "Tin số 29 của baosong"
    assert (day["previous"], day["next"]) == ("2026-11-10", "2026-11-22")
    page = site.get("/d/2026-11-20").text
    assert page.index("Khánh Hòa") < page.index("Thanh Hóa")
    assert 'href="/d/2026-11-20?paper=baosong">còn 24 bài' in page


def test_the_whole_day_of_a_paper_is_read_page_by_page(site: Site) -> None:
    first = site.get("/d/2026-11-20.json?paper=baosong").json()
    second = site.get("/d/2026-11-20.json?paper=baosong&page=2").json()
    assert (first["articles"], len(first["headlines"]), len(second["headlines"])) == (29, 20, 9)
    assert first["after"] == "/d/2026-11-20?paper=baosong&page=2"
    assert (second["before"], second["after"]) == ("/d/2026-11-20?paper=baosong", None)
    assert sorted(titles(first["headlines"] + second["headlines"])) == sorted(str(one.title) for one in DAY)
    assert (first["previous"], first["next"]) == ("2026-11-10", "2026-11-24")
    assert site.get("/d/2026-11-20?paper=bao-nao").status_code == 404


def test_a_day_of_which_nothing_is_held_leads_to_the_nearest(site: Site) -> None:
    answer = site.get("/d/2026-11-15")
    assert answer.status_code == 200
    for shown in ("Kho không có bài nào", 'href="/d/2026-11-10"', 'href="/d/2026-11-20"'):
        assert shown in answer.text
    assert site.get("/d/9999-12-31").status_code == 200
    assert site.get("/d/0001-01-01.json").json()["next"] == "2024-05-06"


@pytest.mark.parametrize("typed", ["2026-02-30", "2026-W48-2", "20261120", "homnay", "2026-11-20%00", "2026-1-1"])
def test_what_is_no_day_is_not_found(site: Site, typed: str) -> None:
    assert site.get(f"/d/{typed}").status_code == 404


def test_a_name_shows_what_it_signed_alone_or_with_others(site: Site) -> None:
    known = site.get(f"/author/{quote('Lò Mận')}.json").json()
    assert (known["author"], known["count"], known["more"]) == ("Lò Mận", 30, False)
    assert known["papers"] == [
        {"paper": "baosong", "title": "Báo Sông", "articles": 29},
        {"paper": "baobien", "title": "Báo Biển", "articles": 1},
    ]
    assert known["years"] == [{"year": "2026", "articles": 30}]
    assert titles(known["articles"])[0] == "Biển động"
    assert len(known["articles"]) == 20
    second = site.get(known["after"])
    assert second.status_code == 200
    assert "Tin số 1 của baosong" in second.text


def test_a_name_is_asked_for_as_it_is_printed(site: Site) -> None:
    answer = site.get(f"/author/{quote(STRANGE, safe='')}")
    assert answer.status_code == 200
    assert "<h1>Lê/Hoa &#34;50%&#34; &lt;b&gt;~</h1>" in answer.text
    assert site.get("/author/Lo%20Man").status_code == 404


def test_a_page_of_a_name_tells_of_its_newest_and_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from browse import author_page  # noqa: PLC0415

    monkeypatch.setattr(author_page, "LOOKED_THROUGH", 7)
    known = site.get(f"/author/{quote('Lò Mận')}.json").json()
    assert (known["count"], known["more"]) == (7, True)
    assert "còn nữa" in site.get(f"/author/{quote('Lò Mận')}").text


def test_edits_are_listed_newest_first_with_what_changed_and_the_way_to_compare(site: Site) -> None:
    rewritten, renamed = site.get("/changed.json").json()["articles"]
    assert [rewritten[f"{part}_changed"] for part in ("title", "lead", "text")] == [0, 0, 1]
    assert [renamed[f"{part}_changed"] for part in ("title", "lead", "text")] == [1, 0, 0]
    assert (renamed["title_before"], renamed["title"]) == ("Bão vào bờ", "Bão số 9 vào bờ")
    assert [(one["from"], one["to"]) for one in (rewritten, renamed)] == [(2, 3), (1, 2)]
    page = site.get("/changed").text
    assert "<del>Bão vào bờ</del>" in page
    assert f'href="/a/{site.uid["storm"]}/diff?from=1&amp;to=2"' in page
    assert "Đã sửa: nội dung ·" in page
    compared = site.get(f"/a/{site.uid['storm']}/diff.json?from=1&to=2").json()
    assert [run["kind"] for run in compared["title"] if run["kind"] != "kept"] == ["added"]


def test_edits_and_withdrawals_can_be_those_of_one_paper(site: Site) -> None:
    assert len(site.get("/changed.json?paper=baobien").json()["articles"]) == 2
    assert site.get("/changed.json?paper=baosong").json()["articles"] == []
    assert "trong 5.000 lần sửa mới nhất" in site.get("/changed?paper=baobien").text
    assert titles(site.get("/gone.json?paper=baosong").json()["articles"]) == ["Bài sẽ bị gỡ"]
    assert site.get("/gone.json?paper=baobien").json()["articles"] == []
    for path in ("/changed", "/gone"):
        assert site.get(f"{path}?paper=bao-nao").status_code == 404


def test_what_was_withdrawn_is_listed_with_the_way_to_the_copy_kept(site: Site) -> None:
    (gone,) = site.get("/gone.json").json()["articles"]
    assert (gone["uid"], gone["title"]) == (site.uid["last"], "Bài sẽ bị gỡ")
    assert gone["gone_at"] > "2026-12"
    assert f'href="/a/{site.uid["last"]}"' in site.get("/gone").text


def test_lists_end_at_their_last_page(site: Site) -> None:
    for path in ("/changed", "/gone", "/d/2026-11-20?paper=baosong", f"/author/{quote('Lò Mận')}"):
        answer = site.get(f"{path}{'&' if '?' in path else '?'}page=999999")
        assert answer.status_code == 200
        assert 'rel="next" href="' not in answer.text.partition("<main")[2].partition('class="near"')[0]


def test_who_copies_whom_is_told_by_number_and_leads_to_the_articles(site: Site) -> None:
    known = site.get("/syndication.json").json()
    assert known["pairs"] == [{"first_paper": "baosong", "copied_by": "baobien", "copies": 1, "same_text": 1}]
    assert known["copies"] == 1
    page = site.get("/syndication").text
    assert "Báo Biển ← Báo Sông: 1" in page
    link = "/archive/syndication?first_paper=baosong&amp;copied_by=baobien"
    assert f'href="{link}"' in page
    listed = site.rows("/archive/syndication.json?first_paper=baosong&copied_by=baobien&_shape=objects")
    assert [row["uid"] for row in listed] == [site.uid["copy"]]


def test_the_drawing_has_a_row_and_a_column_for_each_paper_and_a_larger_disc_for_more_copies() -> None:
    pairs = [
        {"first_paper": "a", "copied_by": "b", "copies": 400},
        {"first_paper": "b", "copied_by": "a", "copies": 100},
    ]
    drawn = matrix(pairs, {"a": "Báo A", "b": "Báo B"})
    often, seldom = drawn["discs"]
    assert often["r"] == pytest.approx(2 * seldom["r"])
    assert (often["x"], often["y"]) == (drawn["papers"][1]["x"], drawn["papers"][0]["y"])
    assert matrix([], {})["discs"] == []


def test_nothing_private_is_listed_counted_or_led_to(site: Site) -> None:
    paths = [
        "/province/thanh-hoa",
        "/province/khanh-hoa",
        "/province/ninh-thuan",
        "/d/2026-11-20",
        "/d/2026-11-20?paper=baosong",
        "/d/2026-11-24",
        f"/author/{quote('Lò Mận')}",
        "/changed",
        "/changed?paper=baosong",
        "/gone",
        "/gone?paper=baosong",
        "/syndication",
    ]
    hidden = ("tuyệt mật", "rieng", site.uid["hidden"], site.uid["hidden_copy"])
    for path in paths:
        before, mark, asked = path.partition("?")
        for one in (path, f"{before}.json{mark}{asked}"):
            text = site.get(one).text
            assert not [said for said in hidden if said in text], one
    assert site.get(f"/author/{quote('Người Riêng')}").status_code == 404
    assert site.get("/d/2026-11-24.json").json()["articles"] == 2
