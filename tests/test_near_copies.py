"""What papers make of each other's texts is linked, in whatever order it comes in; what only looks like it is not."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest

from bench.bulletins import bulletins
from bench.duplicates import COPIES
from pipelines.archive.alike import sign_all
from tests.making import archive, hours, paper, rows, store, visit
from tests.test_likeness import WORDS, text

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.archive import Archive
    from pipelines.items import Visit

NAMES = ("alpha", "beta", "gamma", "delta")
LONG = text(1, 25)
LINKS = (
    "SELECT a.paper, f.paper, c.kind, c.score FROM copies c JOIN articles a ON a.id = c.article_id "
    "JOIN articles f ON f.id = c.first_id ORDER BY 1, 2"
)
STORIES = (
    "SELECT a.paper, s.first_uid, s.articles FROM articles a LEFT JOIN stories s ON s.id = a.story_id ORDER BY 1, 2"
)


def made(tmp_path: Path, name: str = "archive.db") -> Archive:
    return archive(tmp_path / name, *map(paper, NAMES))


def changed(kind: str, of: str = LONG, seed: int = 1) -> str:
    return COPIES[kind][0](of, random.Random(seed), WORDS)


def printed(name: str, hour: int, body: str, **facts: str) -> Visit:
    at = f"2026-11-20T{hour:02}:00:00+07:00"
    return visit(
        f"/bai-{hour}.html", hours(hour), of=name, text=body, **{"published": at, "title": f"Bài {name}", **facts}
    )


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_linked_to_the_paper_that_printed_it_first_with_its_score(tmp_path: Path, kind: str) -> None:
    kept = made(tmp_path)
    counts = store(
        kept, [printed("alpha", 8, LONG), printed("beta", 9, changed(kind)), printed("gamma", 10, text(2, 25))]
    )
    assert counts["article/copied"] == 1
    ((copy, first, called, score),) = rows(kept, LINKS)
    assert (copy, first, called) == ("beta", "alpha", "near-text")
    assert 0.3 < score < 1
    kept.close()


STORY = [
    printed("alpha", 8, LONG),
    printed("beta", 9, changed("10 % changed")),
    printed("gamma", 10, LONG),
    printed("delta", 7, changed("cut to 50 % of its words")),
    printed("beta", 9, changed("10 % changed") + "\nTin cập nhật lúc trưa của tòa báo.", title="Bài sửa"),
]


def test_links_and_stories_are_the_same_in_whatever_order_pages_arrive(tmp_path: Path) -> None:
    told = set()
    for number, order in enumerate(itertools.permutations(range(len(STORY)))):
        if number % 7:
            continue
        kept = made(tmp_path, f"{number}.db")
        store(kept, [STORY[n] for n in order])
        told.add((tuple(rows(kept, LINKS)), tuple(rows(kept, STORIES))))
        kept.close()
    ((links, stories),) = told
    assert ("gamma", "alpha", "same-text", 1.0) in links
    assert {(copy, first) for copy, first, *_ in links} >= {("alpha", "delta"), ("beta", "alpha"), ("gamma", "delta")}
    assert {size for *_, size in stories} == {4}
    assert stories[0][1].startswith("delta-")


def test_an_article_rewritten_after_it_was_copied_stays_the_first_of_its_copy(tmp_path: Path) -> None:
    kept = made(tmp_path)
    rewritten = visit("/bai-8.html", hours(30), of="alpha", text=text(9, 25), title="Bài alpha")
    store(kept, [printed("alpha", 8, LONG), printed("beta", 9, changed("5 % changed")), rewritten])
    assert [row[:2] for row in rows(kept, LINKS)] == [("beta", "alpha")]
    kept.close()


def test_what_a_text_becomes_by_an_edit_is_linked_too(tmp_path: Path) -> None:
    kept = made(tmp_path)
    store(kept, [printed("alpha", 8, LONG), printed("beta", 9, text(9, 25))])
    assert rows(kept, LINKS) == []
    store(kept, [visit("/bai-9.html", hours(40), of="beta", text=changed("1 % of the words changed"))])
    assert [row[:2] for row in rows(kept, LINKS)] == [("beta", "alpha")]
    kept.close()


def test_bulletins_of_two_papers_and_texts_of_one_paper_are_not_linked(tmp_path: Path) -> None:
    kept = made(tmp_path)
    daily = bulletins(20, random.Random(3))
    store(kept, [printed(NAMES[n % 4], n, body) for n, body in enumerate(daily[:20])])
    store(kept, [printed("alpha", 21, LONG), printed("alpha", 22, changed("5 % changed"), title="Bài khác")])
    assert rows(kept, LINKS) == []
    assert {row[1:] for row in rows(kept, STORIES)} == {(None, None)}
    kept.close()


NOTICE = (
    "Chi nhánh điện tạm ngừng cấp điện khu vực ấp Giồng từ 7 giờ đến 11 giờ để sửa đường dây, mong bà con thông cảm "
    "và chủ động việc nhà, việc đồng trong buổi sáng."
)


def test_a_short_text_is_a_copy_with_the_same_words_and_title_alone(tmp_path: Path) -> None:
    kept = made(tmp_path)
    store(
        kept,
        [
            printed("alpha", 8, NOTICE, title="Tạm ngừng cấp điện"),
            printed("beta", 9, NOTICE.upper(), title="TẠM NGỪNG CẤP ĐIỆN"),
            printed("gamma", 10, NOTICE, title="Lịch cắt điện hôm nay"),
            printed("delta", 11, NOTICE.replace("11", "12"), title="Tạm ngừng cấp điện"),
        ],
    )
    assert rows(kept, LINKS) == [("beta", "alpha", "same-words", 1.0)]
    kept.close()


def test_an_archive_from_before_signatures_is_signed_and_linked_when_it_is_opened(tmp_path: Path) -> None:
    kept = made(tmp_path)
    store(kept, [printed("alpha", 8, LONG), printed("beta", 9, changed("5 % changed"))])
    told = rows(kept, LINKS), rows(kept, STORIES), rows(kept, "SELECT count(*) FROM bands")
    for table in ("copies", "bands", "signatures"):
        kept.db.execute(f"DELETE FROM {table}")
    kept.db.execute("UPDATE articles SET story_id = NULL")
    kept.db.execute("DELETE FROM stories")
    kept.close()
    again = made(tmp_path)
    assert (rows(again, LINKS), rows(again, STORIES), rows(again, "SELECT count(*) FROM bands")) == told
    sign_all(again.db)
    assert rows(again, LINKS) == told[0]
    again.close()
