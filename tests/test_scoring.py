"""The scorer says what a reader would say of a reading, and agrees with the one the project was given."""

from __future__ import annotations

import importlib.util
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from bench.causes import causes
from bench.gold import OWN, SHARED, directory, pages_of, renamed
from bench.readers import ours
from bench.scoring import overall, score

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

GIVEN = SHARED.parent / "score_pages.py"
BODY = [
    "Sáng nay bà con xã Mường Lống mở hội xuống đồng bên dòng suối.",
    "Ném còn và kéo co",
    "Hội thi thu hút mười hai đội của các bản trong vùng, đông hơn năm ngoái.",
]
GOLD: dict[str, Any] = {
    "title": "Mường Lống vào hội",
    "lead": "Lễ hội xuống đồng đã trở lại sau ba năm.",
    "author": "Lầu Bá",
    "source": None,
    "published": "2026-02-21T09:05:00+07:00",
    "section": "Văn hóa",
    "tags": ["lễ hội", "Mường Lống"],
    "captions": ["Các đội thi kéo co. Ảnh: Lầu Bá"],
    "body": BODY,
    "noise": ["Tin liên quan"],
}
RIGHT: dict[str, Any] = {**GOLD, "outcome": "article", "text": "\n".join(BODY)}


def test_a_right_reading_has_full_marks() -> None:
    told = score(GOLD, RIGHT)
    assert (told["f1"], told["tags"], told["captions"]) == (1, 1, 1)
    assert all(told[key] for key in ("outcome", "title", "author", "source", "section", "minute", "day", "lead"))
    assert not any(told[key] for key in ("leaks", "dups", "caption_leaks", "extra_captions", "lead_in_text"))
    assert not list(causes(GOLD, RIGHT, told))


@pytest.mark.parametrize(
    ("change", "key", "value", "cause"),
    [
        ({"text": "\n".join(BODY[::2])}, "r", pytest.approx(0.85, abs=0.1), "sub-heading lost"),
        ({"text": "\n".join(BODY[:2])}, "p", 1, "paragraph lost"),
        ({"text": "\n".join([*BODY, "Tin liên quan"])}, "leaks", ["Tin liên quan"], "noise in text"),
        ({"text": "\n".join([*BODY, BODY[0]])}, "dups", [BODY[0].casefold()], "paragraph said twice"),
        ({"text": "\n".join([*GOLD["captions"], *BODY])}, "caption_leaks", GOLD["captions"], "caption in text"),
        ({"text": "\n".join([GOLD["lead"], *BODY])}, "lead_in_text", True, "lead in text"),
        ({"captions": ["Quảng cáo"]}, "extra_captions", ["Quảng cáo"], "caption invented"),
        ({"author": "Báo Mẫu"}, "author", False, "author"),
        ({"published": "2026-02-21T09:06:00+07:00"}, "minute", False, "minute"),
        ({"lead": None}, "lead", False, "lead"),
        ({"outcome": "page/listing"}, "outcome", False, "outcome"),
    ],
)
def test_an_error_is_measured_and_its_cause_named(change: dict[str, Any], key: str, value: Any, cause: str) -> None:
    found = RIGHT | change
    told = score(GOLD, found)
    assert told[key] == value
    assert cause in {kind for kind, _ in causes(GOLD, found, told)}


@pytest.mark.parametrize("same", ["2026-02-21T02:05:40+00:00", "2026-02-21T09:05:00", "2026-02-21T02:05:00Z"])
def test_a_moment_counts_at_the_minute_of_vietnam(same: str) -> None:
    assert score(GOLD, RIGHT | {"published": same})["minute"]


def test_the_lead_may_stand_in_the_text_or_apart() -> None:
    assert score(GOLD, RIGHT | {"text": "\n".join([GOLD["lead"], *BODY])})["f1"] == 1


def test_a_page_that_is_no_article_is_measured_by_its_outcome() -> None:
    assert score({"outcome": "page/tag"}, {"outcome": "page/tag"}) == {"outcome": True}
    assert score({"outcome": "page/tag"}, RIGHT) == {"outcome": False}


@pytest.fixture(scope="module")
def given() -> ModuleType:
    if not GIVEN.is_file():
        pytest.skip("shared/score_pages.py is not here: it comes with the workplace, not with the project")
    spec = importlib.util.spec_from_file_location("score_pages", GIVEN)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spoilt(facts: dict[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Give a reading as it is, and made worse in several ways."""
    yield facts
    lines = (facts.get("text") or "").split("\n")
    captions = facts.get("captions") or []
    yield facts | {"text": "\n".join([facts.get("lead") or "", *captions, *lines, *lines[:1]]), "lead": None}
    yield facts | {"text": "\n".join(chance.sample(lines, len(lines) // 2)), "captions": ["Một dòng lạ"], "tags": []}
    yield facts | {"title": None, "published": "2026-01-01", "author": "Báo Mẫu", "outcome": "page/no-body"}
    yield {}


def test_the_scorer_agrees_with_the_given_one_on_right_and_wrong_readings(given: ModuleType) -> None:
    chance = random.Random(3)
    pages = [*pages_of(SHARED, directory()), *pages_of(OWN, directory())]
    (_, bare, _) = ours()
    compared = 0
    for page in pages:
        if page.gold["outcome"] == "article" and not page.gold["published"]:
            continue  # the given one knows no article without a date
        facts = json.loads(json.dumps(bare.read(page), ensure_ascii=False))
        for found in spoilt(facts, chance):
            assert score(page.gold, found) == given.score(page.gold, found)
            compared += 1
    assert compared > 100


def test_pages_are_renamed_as_the_given_tool_does() -> None:
    tool = SHARED.parent / "rename_marks.py"
    if not tool.is_file():
        pytest.skip("shared/rename_marks.py is not here: it comes with the workplace, not with the project")
    spec = importlib.util.spec_from_file_location("rename_marks", tool)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for page in pages_of(OWN, directory()):
        assert renamed(page.page, "7") == module.rename(page.page, "7")
        assert renamed(page.page) != page.page


def test_overall_is_the_mean_of_articles_and_the_sum_of_errors() -> None:
    worse = RIGHT | {"text": "\n".join([*BODY, "Tin liên quan"]), "author": None}
    told = overall({"a": score(GOLD, RIGHT), "b": score(GOLD, worse), "c": score({"outcome": "page/tag"}, {})})
    assert (told["pages"], told["author"], told["leaks"], told["outcome"]) == (2, 0.5, 1, 0.6667)
    assert told["f1_worst"] < told["f1"] < 1
