"""The signs by which a page is known that stands for an article which is not there: a soft 404."""

from __future__ import annotations

import re

from crawler.extraction.outline import Outline
from crawler.extraction.page import Page

PLACE = (
    r"(?:trang(?: web| này)?|bài viết|bài báo|nội dung|tin bài|bản tin|đường dẫn|liên kết|địa chỉ|dữ liệu"
    r"|page|article|content)"
)
ASKED = (
    r"(?:\s+(?:này|bạn|mà|quý|vị|đang|yêu|cầu|tìm|kiếm|truy|cập|muốn|xem|có|thể|hiện|cần|vừa|không|tồn|tại|hoặc|còn"
    r"|you|requested|are|looking|for|could|was|this))*"
)
"""Words that may stand between the page and its absence: of a farm (``trang trại``) nothing is said."""
GONE = re.compile(
    rf"^\W*(?:(?:lỗi|error|http)\W*)?404\b(?:\W*(?:not found|error|page|không tìm thấy|lỗi).{{0,60}})?\W*(?:[-|–].*)?$"
    rf"|\b{PLACE}{ASKED}\s+(?:không (?:được |còn )?(?:tìm thấy|tồn tại)"
    rf"|(?:đã )?(?:được |bị )(?:xóa|xoá|gỡ|di chuyển|chuyển sang)|not found|not be found|does not exist)"
    rf"|không (?:tìm thấy|tồn tại|tìm được|có) {PLACE}{ASKED}(?:\W|$)(?!\s*\w)"
    rf"|không (?:tìm thấy|tìm được) {PLACE}{ASKED},"
    rf"|^\W*(?:không tìm thấy|không tồn tại|(?:page )?not found)\W*(?:[-|–].*)?$"
    rf"|\b(?:đường dẫn|liên kết|địa chỉ) (?:này |bạn \w+ )?không (?:hợp lệ|đúng|chính xác)|\b404\W+(?:not found|page)"
    rf"|\b404\W+không tìm thấy|trang bạn (?:yêu cầu|tìm|truy cập)|the page you",
    re.IGNORECASE,
)
"""The page itself, or its address, is said not to be there; of other things' absence articles speak too."""
GONE_LINE = 120
"""Characters of the longest line that says a page is gone; a teaser is longer."""
GONE_WITHIN, SHORT = 3, 300
"""Blocks of a text of fewer characters among which it says so."""


def soft_404(outline: Outline) -> bool:
    """Return whether a line of a page without a text says that there is nothing here."""
    return says_gone(outline, len(outline.blocks))


def says_gone(outline: Outline, end: int) -> bool:
    """Return whether a line before block ``end`` says that what was asked for is not here."""
    lines = [b for b in outline.blocks[:end] if not b.src and not b.linky and not outline.zones[b.element]]
    return any(len(b.text) < GONE_LINE and GONE.search(b.text) for b in lines)


def is_gone(page: Page, outline: Outline, start: int, prose: int, *, says: bool) -> bool:
    """Return whether a page without a headline says, before its text or by it, that what was asked for is not here.

    Its address may still be an article's (``says``): it is the one that was asked for.
    """
    end = start + GONE_WITHIN if prose < SHORT else start
    return (not says or (end > start and not page.article)) and says_gone(outline, end)
