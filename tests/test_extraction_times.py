"""Dates and times as newsrooms write them, and which of a page's dates counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction import extract
from crawler.extraction.times import machine, visible
from crawler.papers import Directory
from crawler.visits import Fetched, judge_response
from pipelines.items import Template
from tests import making

BODY = "<p>" + "Một câu chuyện dài về mùa gặt trên cánh đồng làng Vạc. " * 6 + "</p>"


@pytest.mark.parametrize(
    ("printed", "moment"),
    [
        ("Thứ Hai, 14/10/2019 | 08:30 GMT+7", "2019-10-14T08:30:00+07:00"),
        ("08/01/2026 - 18:21", "2026-01-08T18:21:00+07:00"),
        ("16:55, 30/03/2025", "2025-03-30T16:55:00+07:00"),
        ("Thứ 4, 01/12/2021 | 11:51:00 [GMT +7]", "2021-12-01T11:51:00+07:00"),
        ("Cập nhật lúc 15:06, Thứ Tư, 12/08/2020 (GMT+7)", "2020-08-12T15:06:00+07:00"),
        ("Thứ sáu, 3/5/2024 | 2:05:00 PM", "2024-05-03T14:05:00+07:00"),
        ("12:30 SA 3/5/2024", "2024-05-03T00:30:00+07:00"),
        ("21 tháng 09 năm 2025, 7 giờ 05", "2025-09-21T07:05:00+07:00"),
        ("Ngày 14.10.2019 lúc 8h30", "2019-10-14T08:30:00+07:00"),
        ("2 Tháng 3, 2025", "2025-03-02"),
        ("21/01/2009", "2009-01-21"),
        ("March 5, 2024 9:15 AM", "2024-03-05T09:15:00+07:00"),
        ("2025-06-17T13:43:02+0700", "2025-06-17T13:43:02+07:00"),
    ],
)
def test_a_printed_date_is_read_day_first_at_indochina_time(printed: str, moment: str) -> None:
    assert [m.iso for m in visible(printed)] == [moment]


@pytest.mark.parametrize(
    "line", ["31/02/2024", "Nghị quyết số 46/2025/NQ-HĐND", "Điện thoại 0292.3830.098", "1/1/1780"]
)
def test_what_is_no_date_is_none(line: str) -> None:
    assert visible(line) == []


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("1/8/2026 10:02:01 AM", "2026-01-08T10:02:01+07:00"),
        ("4/26/2022 11:05:00 AM", "2022-04-26T11:05:00+07:00"),
        ("9/11/2021 3:29:47 PM", "2021-09-11T15:29:47+07:00"),
        ("2021-12-01 11:51:00", "2021-12-01T11:51:00+07:00"),
        ("2021-12-01T04:51:00.000000Z", "2021-12-01T11:51:00+07:00"),
        ("2025-03-02T01:15:10+00:00", "2025-03-02T08:15:10+07:00"),
        ("Mon, 14 Oct 2019 01:30:00 +0000", "2019-10-14T08:30:00+07:00"),
        ("2009-01-21", "2009-01-21"),
        ("2009-01-21T00:00:00+07:00", "2009-01-21"),
    ],
)
def test_a_date_for_machines_is_read_as_its_system_writes_it(told: str, moment: str) -> None:
    found = machine(told)
    assert found is not None
    assert found.iso == moment


def published(head: str, header: str) -> str | None:
    page = f"<head>{head}</head><body><h1>Mùa gặt trên đồng</h1>{header}<div>{BODY}{BODY}</div></body>"
    return extract(page.encode(), "https://vac.vn/mua-gat-tren-dong-vac-12345.html").published


def jsonld(published_at: str) -> str:
    return f'<script type="application/ld+json">{{"@type":"NewsArticle","datePublished":"{published_at}"}}</script>'


def test_the_day_is_machine_told_and_the_minute_is_printed() -> None:
    assert published(jsonld("2024-03-05"), "<p>05/03/2024 - 09:15</p>") == "2024-03-05T09:15:00+07:00"


def test_a_false_utc_mark_does_not_move_the_printed_clock() -> None:
    assert published(jsonld("2024-03-05T09:15:40Z"), "<p>05/03/2024 09:15</p>") == "2024-03-05T09:15:40+07:00"


def test_a_true_utc_mark_is_converted() -> None:
    assert published(jsonld("2024-03-05T02:15:40Z"), "<p>05/03/2024 09:15</p>") == "2024-03-05T09:15:40+07:00"
    assert published(jsonld("2024-03-05T02:15:40Z"), "") == "2024-03-05T09:15:40+07:00"


def test_the_clock_of_the_page_is_not_the_articles_time() -> None:
    clock = "<div>Thứ Ba, 24/11/2026 10:20</div>"
    page = f"<body>{clock}<h1>Mùa gặt trên đồng</h1><p>Cập nhật: 05/03/2024 09:15</p><div>{BODY}{BODY}</div></body>"
    assert extract(page.encode(), "https://vac.vn/x-12345.html").published == "2024-03-05T09:15:00+07:00"
    page = page.replace("<p>Cập nhật: 05/03/2024 09:15</p>", jsonld("2024-03-05T09:15:00+07:00"))
    assert extract(page.encode(), "https://vac.vn/x-12345.html").published == "2024-03-05T09:15:00+07:00"


def test_a_known_day_stands_alone_without_a_made_up_midnight() -> None:
    reading = extract(
        f"<head>{jsonld('2009-01-21')}</head><h1>Mùa gặt trên đồng</h1>{BODY}".encode(), "https://vac.vn/x-12345.html"
    )
    assert (reading.published, reading.published_precision) == ("2009-01-21", "day")


def test_an_unknown_time_is_unknown() -> None:
    assert published("", "") is None


LATER = "<div class=o><a href='/x.html'>Một chuyện khác hẳn ở bên cạnh bài</a><span>09:00 24/11/2026</span></div>" * 3
NAV = "<nav><a href='/'>Trang chủ</a> <a href='/kinh-te'>Kinh tế</a></nav>"


@pytest.mark.parametrize(
    ("before", "under", "behind", "moment"),
    [
        ("<p>24/11/2026 09:30</p>", "<p>Ngày 30/4/2015</p>", "", "2015-04-30"),
        ("<p>24/11/2026 09:30</p>" + NAV, "", "<p>05/06/2025 12:30</p>", "2025-06-05T12:30:00+07:00"),
        ("<p>24/11/2026 09:30</p>" + NAV, "", "", None),
        ("", "<li>Thứ Năm, 5/6/2025</li><li>12:30</li><li>31 lượt xem</li>", LATER, "2025-06-05T12:30:00+07:00"),
        ("", "<p>27/03/2020 16:29 (Cập nhật: 28/03/2020 08:00)</p>", "", "2020-03-27T16:29:00+07:00"),
        ("", "<p>Xuất bản: 06:15 - 20/10/2022 · Sửa: 09:00 - 21/10/2022</p>", "", "2022-10-20T06:15:00+07:00"),
        ("", "<time title='05/06/2025 12:30'>5 tháng trước</time>", "", "2025-06-05T12:30:00+07:00"),
        ("", "", LATER, None),
    ],
    ids=["a day near, a clock far", "behind the text", "only the page's clock", "day and clock in two lines",
         "an update in brackets", "an update behind a point", "the title of a relative time", "other articles' dates"],
)  # fmt: skip
def test_the_articles_date_is_nearest_it_and_no_other_things(
    before: str, under: str, behind: str, moment: str | None
) -> None:
    page = f"<body>{before}<div><h1>Mùa gặt trên đồng</h1>{under}<div>{BODY}{BODY}</div></div>{behind}</body>"
    assert extract(page.encode(), "https://vac.vn/mua-gat-tren-dong-vac-12345.html").published == moment


@pytest.mark.parametrize(
    "under",
    [
        "<p>27/03/2020 16:29 (Cập nhật lần cuối: 28/03/2020, 08:00)</p>",
        "<p>27/03/2020 16:29</p><p>Cập nhật: 28/03/2020 08:00</p>",
    ],
)
def test_a_printed_update_beside_the_date_is_when_it_was_changed(under: str) -> None:
    page = f"<body><h1>Mùa gặt trên đồng</h1>{under}<div>{BODY}{BODY}</div></body>"
    assert extract(page.encode(), "https://vac.vn/x-12345.html").modified == "2020-03-28T08:00:00+07:00"


def test_of_several_articles_in_jsonld_the_one_with_this_headline_is_meant() -> None:
    told = (("Chuyện khác", "2025-11-01T08:00:00+07:00"), ("Mùa gặt trên đồng", "2024-03-05T09:15:00+07:00"))
    others = "".join(jsonld(at).replace("{", f'{{"headline":"{headline}",') for headline, at in told)
    assert published(f"<title>Mùa gặt trên đồng - Báo Vạc</title>{others}", "") == "2024-03-05T09:15:00+07:00"


@pytest.mark.parametrize(
    ("told", "shown", "published", "against"),
    [
        ("2025-03-30T16:50:00+07:00", "16:55, 30/03/2025", "2025-03-30T16:55:00+07:00", "jsonld"),
        ("2025-03-30T16:55:12+07:00", "16:55, 30/03/2025", "2025-03-30T16:55:12+07:00", None),
        ("2025-03-30T16:55:00Z", "16:55, 30/03/2025", "2025-03-30T16:55:00+07:00", None),
        ("2025-03-30", "16:55, 30/03/2025", "2025-03-30T16:55:00+07:00", None),
        ("2025-03-28T08:00:00+07:00", "16:55, 30/03/2025", "2025-03-28T08:00:00+07:00", "visible"),
    ],
)
def test_a_reading_says_when_another_source_tells_another_time(
    told: str, shown: str, published: str, against: str | None
) -> None:
    data = f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{told}"}}</script>'
    page = f"<head>{data}</head><body><h1>Mùa gặt làng Vạc</h1><p>{shown}</p><div>{BODY}</div></body>".encode()
    found = extract(page, "https://vac.vn/mua-gat-12345.html")
    assert found.published == published
    assert found.provenance.get("published_against") == against


SEEN_AT = datetime(2025, 3, 2, 20, 0, tzinfo=UTC)
"""The morning of 3 March in Vietnam."""
TOLD = '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"%s","dateModified":"%s"}</script>'


def seen(head: str = "", under: str = "", template: Template | None = None) -> tuple[str | None, str | None]:
    """Return published and modified of a page captured at SEEN_AT."""
    page = f"<html><head>{head}</head><body><h1>Mùa gặt ở làng Vạc</h1>{under}<div id=text>{BODY}</div></body></html>"
    found = extract(page.encode(), "https://vac.vn/mua-gat-12345.html", seen_at=SEEN_AT, template=template)
    return found.published, found.modified


def test_a_date_later_than_the_capture_is_not_the_articles() -> None:
    later = TOLD % ("2025-08-01T08:00:00+07:00", "2026-01-01T08:00:00+07:00")
    assert seen(later, "<p>02/03/2025 08:15</p>") == ("2025-03-02T08:15:00+07:00", None)
    assert seen("<meta name=pubdate content='2025-03-05'>") == (None, None)
    assert seen(under="<p>Hội mở ngày 15/03/2025</p><p>01/03/2025</p>")[0] == "2025-03-01"


def test_a_template_whose_place_prints_a_coming_day_falls_back() -> None:
    template = Template("vạc", fields={"body": ("#text",), "published": (".date",)})
    printed = "<p class=date>12/12/2025 08:00</p><p>02/03/2025 08:15</p>"
    assert seen(under=printed, template=template)[0] == "2025-03-02T08:15:00+07:00"


def test_a_clock_that_runs_ahead_by_hours_is_believed() -> None:
    ahead = TOLD % ("2025-03-03T12:00:00Z", "2025-03-04T02:00:00+07:00")
    assert seen(ahead) == ("2025-03-03T19:00:00+07:00", "2025-03-04T02:00:00+07:00")
    assert seen(under="<p>04/03/2025</p>")[0] == "2025-03-04"
    assert seen(under="<p>05/03/2025</p>")[0] is None


def test_what_is_read_without_a_time_of_capture_may_lie_anywhen() -> None:
    page = f"<h1>Mùa gặt ở làng Vạc</h1><p>15/03/2099 08:15</p>{BODY}"
    assert extract(page.encode(), "https://vac.vn/mua-gat-12345.html").published == "2099-03-15T08:15:00+07:00"


def test_a_crawl_knows_when_it_saw_the_page() -> None:
    page = f"<h1>Mùa gặt ở làng Vạc</h1><p>15/03/2025 08:15</p>{BODY}".encode()
    fetched = Fetched(url="https://alpha.example.vn/mua-gat-o-lang-vac-12345.html", status=200, body=page, at=SEEN_AT)
    visit = judge_response(fetched, making.paper(), Directory({}, {}), "article")
    assert visit.article is not None
    assert visit.article.reading.published is None
