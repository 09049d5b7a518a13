"""An article is cited in one line, in Vietnamese and in English, with what finds and what proves it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.citation import Cited, citation

RAILWAY = Cited(
    uid="baosong-0123456789ab",
    title="Khởi công đường sắt ven sông",
    paper="Báo Sông",
    url="https://baosong.example/tau-hoa-100.html",
    author="Trần Thị Bến",
    published="2026-11-24T06:30:00+07:00",
    captured_at="2026-11-24T20:05:09.250000Z",
    payload_digest="sha256:" + "ab" * 32,
    content_sha256="cd" * 32,
)


def test_a_citation_in_vietnamese() -> None:
    assert citation(RAILWAY, "vi") == (
        "Trần Thị Bến. “Khởi công đường sắt ven sông”. Báo Sông, 06:30 24/11/2026. "
        "https://baosong.example/tau-hoa-100.html. "
        f"Kho báo tỉnh, baosong-0123456789ab, lưu lúc 03:05:09 25/11/2026 (+07:00), sha256:{'ab' * 32}."
    )


def test_a_citation_in_english_says_which_clock_each_time_is_of() -> None:
    assert citation(RAILWAY, "en") == (
        "Trần Thị Bến. “Khởi công đường sắt ven sông”. Báo Sông, 24 November 2026, 06:30 (+07:00). "
        "https://baosong.example/tau-hoa-100.html. Kho báo tỉnh (archive of Vietnam's provincial press), "
        f"baosong-0123456789ab, captured 2026-11-24T20:05:09Z, sha256:{'ab' * 32}."
    )


def test_where_only_the_day_is_known_no_hour_is_made_up() -> None:
    day = replace(RAILWAY, published="2009-01-05")
    assert "Báo Sông, 05/01/2009. " in citation(day, "vi")
    assert "Báo Sông, 5 January 2009. " in citation(day, "en")


def test_what_is_not_known_is_left_out_or_said() -> None:
    bare = Cited("baosong-0123456789ab", "Tin", "Báo Sông", "https://baosong.example/1", content_sha256="cd" * 32)
    assert citation(bare, "vi") == (
        "“Tin”. Báo Sông, không rõ ngày đăng. https://baosong.example/1. "
        f"Kho báo tỉnh, baosong-0123456789ab, nội dung sha256:{'cd' * 32}."
    )
    assert "“Tin”. Báo Sông, undated. " in citation(bare, "en")
    assert f"content sha256:{'cd' * 32}." in citation(bare, "en")


def test_who_is_credited_is_named_beside_the_paper() -> None:
    credited = replace(RAILWAY, source="TTXVN")
    assert "Báo Sông (theo TTXVN), 06:30" in citation(credited, "vi")
    assert "Báo Sông (credited to TTXVN), 24 November" in citation(credited, "en")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_citation_is_one_line_whatever_the_title_holds(language: str) -> None:
    broken = replace(RAILWAY, title="Một dòng\nhai dòng\u2028 ba")
    assert "“Một dòng hai dòng ba”" in citation(broken, language)  # type: ignore[arg-type]
