from __future__ import annotations

import unicodedata

import pytest

from pipelines.text import clean, collapse, content_digest, fold, nfc, paragraphs, text_digest, words

TEXT = "Đường làng mới mở.\nBà con phấn khởi."
LOOSE = "  Đường   làng\u00a0mới mở. \r\n\n\t Bà con\tphấn khởi.\n"


def test_text_is_composed_and_otherwise_left_as_printed() -> None:
    assert nfc(unicodedata.normalize("NFD", "Đường sắt Bắc – Nam, hoà")) == "Đường sắt Bắc – Nam, hoà"


@pytest.mark.parametrize(
    ("s", "expected"),
    [("  a \n\t b\u00a0c  ", "a b c"), ("", ""), (" \u3000 ", ""), ("a\u2009b", "a b")],
)
def test_white_space_collapses(s: str, expected: str) -> None:
    assert collapse(s) == expected


def test_paragraphs_are_lines_that_say_something() -> None:
    assert paragraphs(LOOSE) == ("Đường làng mới mở.", "Bà con phấn khởi.")
    assert paragraphs(None) == paragraphs(" \n ") == ()


@pytest.mark.parametrize(
    ("s", "expected"),
    [
        ("Đường sắt Bắc – Nam", "duong sat bac – nam"),
        ("ĐẮK LẮK", "dak lak"),
        ("Thừa Thiên Huế", "thua thien hue"),
        (unicodedata.normalize("NFD", "Đường Ư ợ"), "duong u o"),
        ("İ", "i"),
        ("", ""),
    ],
)
def test_folding_leaves_bare_letters(s: str, expected: str) -> None:
    assert fold(s) == expected


@pytest.mark.parametrize(
    ("s", "expected"),
    [
        ("l\u0092amour \u0096 xong", "l’amour – xong"),
        ("\ufeffTin\u200b mới\u00ad", "Tin mới"),
        ("a\x00b\x0b\x7fc", "abc"),
        ("một\n\thai", "một\n\thai"),
        ("\u0081x\u009d", "x"),
        ("hộp\u200d", "hộp"),
        ("Thứ\u00a0Hai", "Thứ\u00a0Hai"),
    ],
)
def test_what_cannot_be_seen_goes(s: str, expected: str) -> None:
    assert clean(s) == expected


def test_words_are_syllables() -> None:
    assert words("Đường sắt  Bắc\nNam") == 4
    assert words(None) == words("") == 0


def test_the_same_text_in_another_dress_has_the_same_digest() -> None:
    assert text_digest(TEXT) == text_digest(LOOSE) == text_digest(unicodedata.normalize("NFD", TEXT))


@pytest.mark.parametrize("other", ["Đường làng mới mở. Bà con phấn khởi.", "Đuờng làng mới mở.\nBà con phấn khởi."])
def test_another_paragraph_break_or_letter_is_another_text(other: str) -> None:
    assert text_digest(other) != text_digest(TEXT)


@pytest.mark.parametrize("text", [None, "", " \n\u00a0"])
def test_an_empty_text_has_no_digest(text: str | None) -> None:
    assert text_digest(text) is None


def test_a_content_digest_sees_title_lead_and_text_each_in_its_place() -> None:
    one = content_digest("Tin", "Sapo", TEXT)
    assert one == content_digest(" Tin ", "Sapo\n", LOOSE)
    assert (
        len(
            {
                one,
                content_digest("Tin", None, TEXT),
                content_digest("Tin khác", "Sapo", TEXT),
                content_digest("Tin", "Sapo", None),
                content_digest(None, "Tin", "Sapo\n" + TEXT),
            }
        )
        == 5
    )
