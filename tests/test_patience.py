"""How long a host is left alone, and what a robots.txt says: the rules alone, without a crawl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.patience import Manners, Rest, retry_after
from crawler.robots_txt import MOST, pause_asked, rules_of
from pipelines.urls import host_of

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Tue, 24 Nov 2026 06:10:00 GMT", 600),
        ("Tuesday, 24-Nov-26 06:10:00 GMT", 600),
        ("Tue, 24 Nov 2026 05:59:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("9" * 400, 36500 * 86400),
    ],
)
def test_retry_after_is_seconds_or_a_date_to_come(value: str | None, seconds: int | None) -> None:
    assert retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_pauses_grow_up_to_a_bound() -> None:
    manners = Manners(timedelta(minutes=15), timedelta(days=1), 0, None)
    hours = [manners.pause(n, "blocked") / timedelta(hours=1) for n in (1, 2, 3, 7, 8, 500)]
    assert hours == [0.25, 0.5, 1, 16, 24, 24]
    assert manners.pause(9, "unreachable") == timedelta(hours=1)


@pytest.mark.parametrize(
    ("rest", "at", "until"),
    [
        ("01:00-05:00", "2026-11-24T00:59+07:00", None),
        ("01:00-05:00", "2026-11-24T01:00+07:00", "2026-11-24T05:00+07:00"),
        ("01:00-05:00", "2026-11-24T05:00+07:00", None),
        ("22:00-05:00", "2026-11-24T23:00+07:00", "2026-11-25T05:00+07:00"),
        ("22:00-05:00", "2026-11-24T04:00+07:00", "2026-11-24T05:00+07:00"),
        ("22:00-05:00", "2026-11-24T12:00+07:00", None),
    ],
)
def test_hours_of_rest_are_vietnam_s_and_go_beyond_midnight(rest: str, at: str, until: str | None) -> None:
    span = Rest.of(rest)
    assert span
    assert span.until(datetime.fromisoformat(at)) == (datetime.fromisoformat(until) if until else None)


def test_www_and_the_scheme_s_port_are_no_other_host() -> None:
    same = ("https://www.baomau.example/a", "http://baomau.example:80/", "https://BAOMAU.example")
    assert {host_of(url) for url in same} == {"baomau.example"}
    assert host_of("http://127.0.0.1:8000/a") == "127.0.0.1:8000"


RULES = "User-agent: *\nCrawl-delay: 30\nDisallow: /cấm/\nDisallow: /kin/\n"


@pytest.mark.parametrize(
    "body",
    [
        RULES.encode(),
        RULES.encode("utf-8-sig"),
        RULES.encode("utf-16"),
        RULES.replace("\n", "\r\n").encode(),
        RULES.replace("cấm", "cam").encode() + b"# \xff\xfe\x92\n",
        RULES.encode() + b"Disallow: /x/\n" * 400_000,
    ],
    ids=["plain", "bom", "utf-16", "crlf", "odd-bytes", "5-mb"],
)
def test_robots_txt_is_read_in_whatever_it_is_written(body: bytes) -> None:
    rules = rules_of(body)
    assert not rules.allowed("https://baomau.example/kin/a", "baotinh")
    assert rules.allowed("https://baomau.example/tin/a", "baotinh")
    assert pause_asked(rules, "baotinh", 120) == (30, 30)
    assert pause_asked(rules, "baotinh", 20) == (30, 20)


def test_rules_are_read_as_far_as_500_kib_and_a_half_line_is_none() -> None:
    line = b"# dem\n"
    head = b"User-agent: *\n"
    fill = line * ((MOST - len(head) - len(b"Disallow: /a/\n")) // len(line))
    rules = rules_of(head + fill + b"Disallow: /a/\nDisallow: /\n")
    assert not rules.allowed("https://baomau.example/a/1", "baotinh")
    assert rules.allowed("https://baomau.example/b", "baotinh")
