"""A listing is asked when it is likely to show something new: often by day, seldom at night, by what was seen of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipelines.rhythm import Rhythm

DAWN = datetime(2026, 11, 1, 17, 0, tzinfo=UTC)
"""Midnight in Vietnam."""
HOUR = timedelta(hours=1)
LONGEST = timedelta(hours=6)
PATIENCE = 3 / 60


def learned(days: int, by_hour: dict[int, int], every: timedelta = HOUR) -> Rhythm:
    """Return the rhythm of a listing asked every hour that shows so many new articles at these hours of the day."""
    rhythm = Rhythm.unknown(DAWN)
    for step in range(int(timedelta(days=days) / every)):
        at = DAWN + step * every
        hour = int(step * every / HOUR) % 24
        rhythm = rhythm.watched(at, at + every, by_hour.get(hour, 0))
    return rhythm


def wait(rhythm: Rhythm, hour: float, days: int) -> float:
    """Return the minutes that the listing is left alone at this hour of Vietnam's day."""
    return rhythm.wait(DAWN + timedelta(days=days, hours=hour), PATIENCE, LONGEST) / timedelta(minutes=1)


def test_a_listing_nothing_is_known_of_is_asked_within_the_hour() -> None:
    assert 15 <= wait(Rhythm.unknown(DAWN), 9, 0) <= 60


def test_a_busy_morning_and_a_quiet_night_are_told_apart() -> None:
    paper = learned(14, dict.fromkeys(range(7, 18), 3))
    assert wait(paper, 9, 14) <= 15
    assert wait(paper, 0, 14) >= 45


def test_before_the_first_news_of_the_morning_it_is_asked_in_time() -> None:
    paper = learned(14, {7: 12})
    at_six = wait(paper, 6.5, 14)
    assert 20 <= at_six <= 50, "it must not sleep through seven o'clock"
    assert wait(paper, 7.2, 14) <= 15


def test_a_listing_that_never_shows_anything_first_is_left_alone_for_long() -> None:
    assert wait(learned(21, {}), 9, 21) >= 240
    assert wait(learned(60, {}), 9, 60) <= 360


def test_more_articles_are_asked_for_more_often_by_the_square_root() -> None:
    few, many = learned(30, dict.fromkeys(range(24), 1)), learned(30, dict.fromkeys(range(24), 4))
    assert wait(few, 9, 30) / wait(many, 9, 30) == pytest.approx(2, rel=0.35)


def test_a_new_habit_wins_over_an_old_one_within_a_month() -> None:
    rhythm = learned(60, {6: 10})
    for day in range(60, 90):
        for hour in range(24):
            at = DAWN + timedelta(days=day, hours=hour)
            rhythm = rhythm.watched(at, at + HOUR, 10 if hour == 20 else 0)
    rates = rhythm.rates()
    assert rates[20] > 7
    assert rates[6] < 2


def test_a_look_after_more_than_a_day_tells_of_no_hour() -> None:
    known = learned(3, {7: 5})
    later = known.watched(known.at, known.at + timedelta(days=3), 100)
    assert later.day == known.day


def test_what_was_found_between_two_looks_is_spread_over_the_hours_between() -> None:
    rhythm = Rhythm.unknown(DAWN).watched(DAWN + timedelta(hours=2.5), DAWN + timedelta(hours=4.5), 4)
    assert [(round(seen.articles, 2), round(seen.hours, 2)) for seen in rhythm.day[2:5]] == [(1, 0.5), (2, 1), (1, 0.5)]
