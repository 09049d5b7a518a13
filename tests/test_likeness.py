"""What is told to be a copy, an edition of a bulletin, or a text of its own."""

from __future__ import annotations

import hashlib
import random

import pytest

from bench.bulletins import bulletins
from bench.duplicates import COPIES, with_other_numbers
from pipelines.likeness import BANDS, Compared, Marks, estimate, syllables

VOCABULARY = """
bến đò sông làng chợ thuyền lúa mưa nắng cầu đường sắt người dân xã huyện tỉnh năm tháng ngày mới việc làm được trong
ngoài trên dưới cùng với những các một hai ba trường học thầy cô giáo đồng ruộng vườn cây quả xanh đỏ vàng trắng đê kè
nước lũ bão gió trời đất núi rừng biển cát đá gạch ngói nhà cửa sân ngõ xóm ấp thôn bản buôn phum sóc quê hương
"""
WORDS = VOCABULARY.split()


def text(seed: int, sentences: int = 20) -> str:
    chance = random.Random(seed)
    return "\n".join(" ".join(chance.choices(WORDS, k=18)).capitalize() + "." for _ in range(sentences))


def is_copy(one: str, other: str, *, close: bool = False) -> bool:
    told = Compared(one).likeness(Compared(other))
    assert told == Compared(one).likeness(Compared(other))
    back = Compared(other).likeness(Compared(one))
    assert (back.is_copy(), back.is_copy(close=True)) == (told.is_copy(), told.is_copy(close=True)), "both ways alike"
    return told.is_copy(close=close)


@pytest.mark.parametrize("kind", COPIES)
def test_what_papers_do_to_each_others_texts_hides_no_copy(kind: str) -> None:
    change = COPIES[kind][0]
    found = [is_copy(text(n), change(text(n), random.Random(n), WORDS)) for n in range(20)]
    assert sum(found) >= 19


def test_texts_of_their_own_are_no_copies() -> None:
    assert not any(is_copy(text(n), text(n + 100), close=True) for n in range(20))


def test_a_follow_up_that_tells_again_what_came_before_is_a_text_of_its_own() -> None:
    background = text(1, 12)
    first, later = text(2, 6) + "\n" + background, text(3, 6) + "\n" + background
    assert not is_copy(first, later)
    assert not is_copy(first, later, close=True)


def test_a_copy_with_a_lead_of_its_own_that_is_cut_too_is_told_only_of_papers_printed_close_to_each_other() -> None:
    long = text(4, 30)
    copied = text(5, 2) + "\n" + "\n".join(long.split("\n")[:20])
    assert is_copy(long, copied, close=True)
    assert not is_copy(long, copied)


def test_two_days_bulletins_of_one_template_are_no_copies() -> None:
    chance = random.Random(6)
    for n in range(0, 40, 5):
        one, other = bulletins(n + 10, chance)[n], bulletins(n + 10, chance)[n + 5]
        assert not is_copy(one, other, close=True)


def test_the_same_bulletin_in_two_papers_is_a_copy_and_so_is_a_text_with_a_number_put_right() -> None:
    bulletin = bulletins(1, random.Random(7))[0]
    assert is_copy(bulletin, "Theo đài tỉnh.\n" + bulletin)
    mended = bulletin.replace("độ C", "độ", 1).replace("lượng mưa", "mưa", 1)
    assert is_copy(bulletin, mended)


def test_every_number_another_is_another_edition() -> None:
    numbered = "\n".join(
        f"{line[:-1]} hết {n * 37} đồng và {n + 11} công." for n, line in enumerate(text(8).split("\n"))
    )
    assert not is_copy(numbered, with_other_numbers(numbered, random.Random(8)))


def test_where_the_mark_of_a_tone_stands_or_that_it_is_lost_makes_no_other_text() -> None:
    assert (
        syllables("Hoà bình, ĐƯỜNG sắt 12")
        == syllables("Hòa bình - đường sắt (12)")
        == ["hoa", "binh", "duong", "sat", "12"]
    )
    marked = text(9)
    assert Marks.of("", marked) == Marks.of("", marked.replace("ờ", "ơ").upper())


def test_a_signature_tells_the_likeness_and_shares_bands_only_with_what_is_alike() -> None:
    long, edited, other = text(10, 40), COPIES["5 % changed"][0](text(10, 40), random.Random(1), WORDS), text(11, 40)
    one, near, far = (Marks.of("", t) for t in (long, edited, other))
    truth = Compared(long).likeness(Compared(edited)).resemblance
    assert estimate(one.signature, near.signature) == pytest.approx(truth, abs=0.2)
    assert set(one.keys) & set(near.keys)
    assert not set(one.keys) & set(far.keys)
    assert len(one.keys) == BANDS


def test_a_short_text_is_known_by_its_words_and_title_alone() -> None:
    notice = "Mất điện khu vực ấp Giồng từ 7 giờ đến 11 giờ sáng nay."
    one = Marks.of("Thông báo", notice)
    assert one.is_short
    assert one == Marks.of("THÔNG BÁO", notice.upper())
    assert one != Marks.of("Thông báo khác", notice)
    assert one != Marks.of("Thông báo", notice.replace("11", "12"))


def test_a_stored_signature_can_be_compared_with_one_made_tomorrow() -> None:
    """If this fails the measure changed: raise `likeness.ALGORITHM`, so that archives make theirs again."""
    made = Marks.of("", text(12)).signature + b"".join(k.to_bytes(8) for k in Marks.of("", text(12)).keys)
    assert hashlib.sha256(made).hexdigest()[:16] == "69eec75c3e80e93a"
