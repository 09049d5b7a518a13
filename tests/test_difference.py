"""What changed between two texts is told word by word, and both texts can be read from it again."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest

from pipelines.difference import LONGEST, Run, by_paragraph, difference, tally

SENTENCE = "đường sắt vùng cao khởi công trong niềm vui của bà con các bản , . con đò bến sông thuyền"
SYLLABLES = SENTENCE.split()


def read(runs: tuple[Run, ...], other: str) -> str:
    return "".join(run.text for run in runs if run.kind in ("kept", other))


def some_text(rnd: random.Random, words: int) -> str:
    return "".join(rnd.choice(SYLLABLES) + rnd.choice("      \n") for _ in range(words)).strip(" ")


def edited(rnd: random.Random, text: str, share: float) -> str:
    kept = (w if rnd.random() > share else rnd.choice(["", "mới", f"{w} thêm", "\n"]) for w in text.split(" "))
    return " ".join(kept)


@pytest.mark.parametrize("seed", range(40))
def test_both_texts_can_be_read_again_from_their_difference(seed: int) -> None:
    rnd = random.Random(seed)
    old = some_text(rnd, rnd.choice([0, 1, 5, 60, 700]))
    new = rnd.choice([old, edited(rnd, old, 0.1), edited(rnd, old, 0.6), some_text(rnd, 80), ""])
    runs = difference(old, new)
    assert read(runs, "added") == new
    assert read(runs, "dropped") == old
    assert all(run.text for run in runs)
    assert all(one.kind != other.kind for one, other in pairwise(runs))


def test_equal_texts_are_kept_whole_and_empty_ones_have_no_runs() -> None:
    assert difference("Mưa to.\nGió lớn.", "Mưa to.\nGió lớn.") == (Run("kept", "Mưa to.\nGió lớn."),)
    assert difference("", "") == ()


def test_only_the_syllables_that_changed_are_marked() -> None:
    runs = difference("Tuyến đường dài 12 km được khởi công.", "Tuyến đường dài 15 km được khởi công.")
    assert runs == (
        Run("kept", "Tuyến đường dài"),
        Run("dropped", " 12"),
        Run("added", " 15"),
        Run("kept", " km được khởi công."),
    )


def test_a_sentence_added_to_a_paragraph_leaves_its_neighbours_alone() -> None:
    runs = difference("Tàu chạy qua cầu.\nMưa lớn.", "Tàu chạy qua cầu. Bến đông người.\nMưa lớn.")
    assert by_paragraph(runs) == [
        (Run("kept", "Tàu chạy qua cầu."), Run("added", " Bến đông người.")),
        (Run("kept", "Mưa lớn."),),
    ]


def test_a_paragraph_dropped_and_one_added_are_whole_paragraphs() -> None:
    runs = difference("Một hai ba.\nBốn năm sáu.\nBảy tám.", "Một hai ba.\nBảy tám.\nChín mười.")
    assert by_paragraph(runs) == [
        (Run("kept", "Một hai ba."),),
        (Run("dropped", "Bốn năm sáu."),),
        (Run("kept", "Bảy tám."),),
        (Run("added", "Chín mười."),),
    ]


def test_single_words_that_two_rewritten_sentences_share_are_not_kept() -> None:
    old = "Sáng nay đoàn thuyền ra khơi của làng chài gặp sóng lớn ngoài cửa biển"
    new = "Theo kế hoạch đầu năm nhà máy của tỉnh sẽ xây thêm hai phân xưởng mới"
    assert [run.kind for run in difference(old, new)] == ["dropped", "added"]


def test_the_same_white_space_is_no_change_and_another_one_is() -> None:
    assert [run.kind for run in difference("a  b", "a b")] == ["kept", "dropped", "added", "kept"]


def test_a_long_text_with_a_small_edit_is_compared_at_once() -> None:
    rnd = random.Random(7)
    old = "\n".join(some_text(rnd, 300).replace("\n", " ") + f" Đoạn {n}." for n in range(100))
    new = old.replace("Đoạn 50.", "Đoạn năm mươi.")
    begun = time.process_time()
    changed = [run for run in difference(old, new) if run.kind != "kept"]
    assert time.process_time() - begun < 1
    assert [run.text.strip() for run in changed] == ["50.", "năm mươi."]


LONG_AND_ALIKE = {
    "every other word is another": (
        " ".join(f"từ{n} cũ{n}" for n in range(LONGEST)),
        " ".join(f"từ{n} mới{n}" for n in range(LONGEST)),
    ),
    "few words in any order": tuple(
        " ".join(str(n) for n in random.Random(seed).choices(range(130), k=3 * LONGEST)) for seed in (1, 2)
    ),
    "many long paragraphs that changed": tuple(
        "\n".join(f"Đoạn {n} giữ nguyên.\n" + " ".join(f"từ{i} {kind}{i}" for i in range(1500)) for n in range(60))
        for kind in ("cũ", "mới")
    ),
}


@pytest.mark.parametrize("case", LONG_AND_ALIKE)
def test_no_text_takes_long_and_both_can_still_be_read_again(case: str) -> None:
    old, new = LONG_AND_ALIKE[case]
    begun = time.process_time()
    runs = difference(f"Mở đầu. {old} Kết.", f"Mở đầu. {new} Kết.")
    assert time.process_time() - begun < 4
    assert read(runs, "added") == f"Mở đầu. {new} Kết."
    assert read(runs, "dropped") == f"Mở đầu. {old} Kết."
    assert runs[0].kind == runs[-1].kind == "kept"


def test_a_tally_counts_the_words_of_each_kind() -> None:
    assert tally(difference("Mưa to ở bến.\nGió.", "Mưa lớn ở bến.\nGió.\nHết mưa.")) == {
        "kept": 4,
        "added": 3,
        "dropped": 1,
    }
