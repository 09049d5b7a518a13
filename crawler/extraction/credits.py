"""Words by which newsrooms say who wrote, who pictured, who is credited and in what role."""

from __future__ import annotations

import re

WRITERS = (
    r"tin|bài|tin,?\s?bài|nội dung|tác giả|thực hiện|ghi chép|text|lời|dịch|lược dịch|biên dịch"
    r"|tổng hợp|phóng sự|bút ký|ký sự|truyện ngắn|thơ|tản văn|tùy bút|tuỳ bút|sưu tầm|biên soạn|người viết|bài viết"
    r"|by|theo dõi và ghi"
)
PICTURES = (
    r"ảnh|hình|ảnh minh họa|chùm ảnh|hình ảnh|video|clip|đồ họa|thiết kế|trình bày|photo|infographic"
    r"|kỹ thuật|quay phim|dựng phim|ảnh tư liệu"
)
ALSO = rf"(?:\s*(?:,|và|&|\+|-|–|/)\s*(?:{WRITERS}|{PICTURES}))*"
PICTURE_LABEL = re.compile(rf"^\(?\s*(?:{PICTURES})(?:\s*(?:,|và|&|\+)\s*(?:{PICTURES}))*\s*$", re.IGNORECASE)
OF_PICTURES = re.compile(
    rf"^\(?\s*(?:nguồn\s*:?\s+(?:{PICTURES})\b|(?:{PICTURES})(?:\s*(?:,|và|&|\+)\s*(?:{PICTURES}))*\s*:)", re.IGNORECASE
)
"""``Nguồn ảnh: X``, ``Video: X``: whose the pictures are says nothing of the text."""
SYLLABLE = re.compile(r"(?:ngh?|gh|gi|[cknpt]h|qu|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?")
"""A Vietnamese syllable without its marks: ``minh``, ``anh``, not ``verge``."""
BARE_LABEL = re.compile(rf"^(?:{WRITERS}|{PICTURES}){ALSO}$", re.IGNORECASE)
ANY_LABEL = re.compile(
    rf"(?:^|(?<=[\s(.;,/–—-]))(?P<label>(?:{WRITERS}|{PICTURES}){ALSO})\s*(?::|của\b)\s*", re.IGNORECASE
)
THEO = re.compile(
    r"^\(?\s*(?:(?:(?:tin|bài|ảnh)?\s*theo|tổng hợp (?:từ|theo))\s*:?|nguồn(?:\s(?:tin|bài|bài viết))?\s?:)"
    r"\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
NAME_THEO = re.compile(
    r"^(?P<name>[^()]{2,60}?)\s*(?:\(\s*(?:theo|nguồn:?|dịch theo|lược dịch theo|tổng hợp theo"
    r"|tổng hợp từ)\s+(?P<source>[^()]+)\)|[-–,]?\s+(?:theo(?! dõi)|nguồn:)\s+(?P<source2>\S.{1,40}))$",
    re.IGNORECASE,
)
NAMELESS_SOURCE = re.compile(r"^nguồn\s+(?P<rest>\S.*)$", re.IGNORECASE)
"""``Nguồn TTXVN``: without a colon only an agency's or outlet's name may follow."""
DONE_BY = re.compile(
    r"^(?P<name>.{2,50}?)\s+(?:tổng hợp|thực hiện|ghi chép|ghi|(?:biên |lược )?dịch|sưu tầm|lược ghi|biên soạn)$"
)
ENGLISH_BY = re.compile(
    r"^(?:(?:report(?:ed|ing)|written|story|text|by)\s+)?by\s+(?P<name>.+?)(?:\s*[-–,;|]\s*(?:translat|edit|photo)\w*\s+by\s.*)?$",
    re.IGNORECASE,
)
WRITTEN_BY = re.compile(r"^(?:được\s)?(?:viết|đăng|gửi|biên soạn) bởi:?\s+(?P<name>\S.*)$", re.IGNORECASE)
"""Joomla's row under a headline."""
OFFICE = re.compile(
    r"(?:(?:TM|KT|TL|TUQ|Q)\.\s?)?(?:(?:phó\s|quyền\s)?(?:chủ tịch|chủ nhiệm|giám đốc|tổng giám đốc|bí thư"
    r"|trưởng ban|chánh văn phòng|cục trưởng|hiệu trưởng|bộ trưởng|thứ trưởng|thủ tướng|chánh án|viện trưởng)"
    r"(?:\s(?:nước|quốc hội|ubnd|hđnd|hội đồng|thường trực).{0,30})?"
    r"|TM\.\s?(?:ủy ban|uỷ ban|ubnd|hội đồng|hđnd|ban (?:chấp hành|thường vụ|tổ chức)|đoàn chủ tịch|chính phủ).{0,50}"
    r"|(?-i:ỦY BAN|UỶ BAN|UBND|HỘI ĐỒNG|HĐND|BAN (?:CHẤP HÀNH|THƯỜNG VỤ|TỔ CHỨC)|ĐOÀN CHỦ TỊCH|CHÍNH PHỦ)"
    r"(?-i:[^a-zà-ỹ]{0,50}))",
    re.IGNORECASE,
)
"""The office by which who signs a document does so: document and signature are text."""
WORKS_AT = re.compile(
    r"^(?:Trung tâm|TT|Hội|Sở|Ban|Phòng|Công an|Đoàn|Viện|Trường|Bệnh viện|Chi cục|UBND|Liên đoàn|Ủy ban|Uỷ ban"
    r"|Huyện|Xã|Tỉnh|Đài (?:TT|truyền thanh|huyện|thị xã|xã))\b"
)
"""What stands behind a name for where its bearer works; it is credited with nothing."""
BRACKETED = re.compile(r"^(?P<name>.*?)\s*\((?P<inside>[^()]*)\)\s*$")
ROLES = re.compile(
    r"^(?:nhóm\s+)?(?:p\.?v|pv|c\.?t\.?v|btv|phóng viên|cộng tác viên|biên tập viên|nhóm p\.?v"
    r"|nhóm phóng viên|pv, ctv|pv-ctv|pv - ctv|nhà báo|bút danh|tác giả)\.?(?=$|[\s:(])",
    re.IGNORECASE,
)
PLACEHOLDERS = {
    "bútdanh",
    "tácgiả",
    "têntácgiả",
    "author",
    "admin",
    "administrator",
    "quảntrị",
    "quảntrịviên",
    "bbt",
    "banbiêntập",
    "tòasoạn",
    "toàsoạn",
    "mediatech",
    "neko",
    "vnpt",
    "vdoc",
    "onecms",
    "user",
    "editor",
    "unknown",
    "none",
    "null",
    "undefined",
    "superuser",
    "superadmin",
    "quảntrịweb",
    "webmaster",
}
NOTES = {
    "tổnghợp",
    "thựchiện",
    "lượcdịch",
    "dịch",
    "st",
    "sưutầm",
    "ghi",
    "lượcghi",
    "biêndịch",
    "ctv",
    "pv",
    "btv",
    "cungcấp",
    "bàivàảnh",
    "tinvàảnh",
    "tinảnh",
    "bàiảnh",
    "th",
    "t.h",
    "giớithiệu",
    "thựchiện)",
    "ảnh",
    "tin",
    "bài",
}
AGENCIES = re.compile(
    r"^(?:ttxvn|vov\d?|vtv\d*|vtc|tttxvn|bnews|vietnam\+|vietnamplus|vnexpress|vietnamnet|dân trí"
    r"|tuổi trẻ|thanh niên|tiền phong|lao động"
    r"|dân việt|tân hoa xã|tri thức|người lao động|an ninh thủ đô|nhân dân|chinhphu\.vn|cổng ttđt.*|qđnd"
    r"|cand|xinhua|reuters|afp|ap|bbc|cnn|tass|kyodo|yonhap|sputnik)\b.*$",
    re.IGNORECASE,
)
OUTLET = re.compile(
    r"\b(?:báo|tạp chí|đài|cổng|online|news|\w+\.(?:vn|com|net|org))\b|\+|\.vn\b|\.com\b", re.IGNORECASE
)
OUTLET_ALONE = re.compile(
    r"(?:(?:[Bb]áo|[Tt]ạp chí|[Đđ]ài|[Cc]ổng)(?:\s[\w&]+){1,4}|[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org))"
)
