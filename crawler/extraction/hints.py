"""Words by which newsrooms' furniture is known: in class names, and as lines of text."""

from __future__ import annotations

import re
from functools import lru_cache

ZONES = (
    ("crumb", r"bread-?crumb|(?:^|[\s_-])crumbs?(?:$|[\s_-])|duong-?dan"),
    ("comment", r"comment|binh-?luan|y-kien|ykien|fb-comments"),
    (
        "related",
        (
            r"(?<!cor)relate|lien-?quan|tin-?khac|cung-?chuyen|most-?(?:read|view)|doc-?nhieu|xem-?nhieu|read-?more"
            r"|see-?more|recommend|tin-?moi|other-?news|more-?news|news-?other|topics?-box|tin-?lien|box-?tin"
        ),
    ),
    ("share", r"share|sharing|social|fb-like|fb-send|zalo|toolbar|google-?news|follow"),
    (
        "ad",
        (
            r"(?:^|[\s_-])(?:ads?|adv|advert\w*|banners?|qc|quang-?cao|sponsor\w*|oneads|adsbygoogle|amn_\w+"
            r"|ads-\w+|adsweb\w*|ads_\w+|adsbetween\w*|eclick|mgid\w*|taboola\w*)(?=$|[\s_-])"
        ),
    ),
    ("tags", r"(?:^|[\s_-])tags?(?:$|[\s_-])|tags-|keywords?|tu-?khoa|hashtag"),
    (
        "chrome",
        (
            r"(?:^|[\s_-])(?:nav|navbar|menu|mega-?menu|footer|side-?bar|col-?right)(?:$|[\s_-])|(?:^"
            r"|\s)(?:mainmenu|topmenu)"
        ),
    ),
    (
        "tool",
        (
            r"toast|popup|modal|print|copy|weather|thoi-?tiet|reaction|rating|newsletter|log-?in|tts-|font-?box"
            r"|zoom-text|captcha|subscribe|vote|powered|emoji|tooltip"
        ),
    ),
)
ZONE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in ZONES), re.IGNORECASE)
WEAK = frozenset(["share", "tool", "tags", "crumb"])
"""Kinds whose names are given to articles' own elements too; a paragraph in them is one."""
HIDDEN = re.compile(r"(?:^|\s)(?:hidden|hide|d-none|displaynone|invisible|sr-only|visually-hidden)(?=$|\s)")
RESPONSIVE = re.compile(r"\b(?:d-(?:sm|md|lg|xl|xxl)-|(?:sm|md|lg|xl):|(?:hidden|visible)-(?:xs|sm|md|lg|xl))")

PLACEHOLDER = re.compile(
    r"\{\{?(?!\s?\d+\s?[,;][\d\s,.;-]*\})[^{}]{0,60}\}\}?|\$\{[^{}]{0,60}\}|\[\[[^\[\]]{0,60}\]\]"
    r"|<%?=?\s?[A-Za-z_][\w. ]{0,39}%?>|%[a-z_]{2,30}%|#\{\w+\}"
    r"|\$[A-Za-z_]{2,30}\$|##\w{2,30}##|__[A-Za-z]\w{0,30}?__|\[object \w{1,30}\]"
)
UNFILLED = re.compile(
    r"%[sd]|\[[a-z][a-z0-9_.-]{1,30}\]|NaN|undefined|null|Invalid [Dd]ate"
    r"|(?:[Đđ]ăng|[Vv]iết|[Gg]ửi) bởi:?\s*(?:\{\{?[^{}]{0,60}\}\}?)?"
)
LONGEST_UNFILLED = 80
"""What a script prints for what it does not know, alone on a line; ``Nan`` is a word."""
NOISE = re.compile(
    r"""(?:\(?\d{0,5}\)?\s*(?:bình\sluận|phản\shồi|ý\skiến)(?:\s*[(:]?\s*\d{0,5}\s*\)?)?
    |trả\slời(?!\s*:)|gửi(?:\sbình\sluận|\sý\skiến|\sphản\shồi)?|thích|bút\sdanh|tên\stác\sgiả|xếp\stheo:?
    |ý\skiến\s(?:của\s)?bạn(?:\sđọc)?(?:\ssẽ\sđược\sbiên\stập.*)?|bình\sluận\scủa\sbạn.*|hãy\slà\sngười\sđầu\stiên\sbình\sluận.*
    |vui\slòng\s(?:gõ|nhập)\s.*|ban\sbiên\stập\sgiữ\squyền.*|số\sngười\sthích|mới\snhất|quan\stâm\snhất
    |chia\ssẻ(?:\s(?:bài(?:\sviết)?(?:\snày)?|ngay|facebook|zalo|twitter|email|(?:qua|lên|trên)\s(?:facebook|zalo|twitter|email|mạng\sxã\shội)
        |(?:thông\stin\s|bài\sviết\s)?với\sbạn\sbè!?))?(?:\slên\s\w+)?:?
    |theo\sdõi\s.{1,60}\strên(?:\s?:|\s(?:google\s?news|zalo|facebook|youtube|tiktok))?|google\snews|facebook|twitter|zalo|email|youtube|tiktok
    |(?:các\s)?(?:tin|bài)(?:\sviết)?(?:,\sbài)?\s(?:(?:liên\squan|cùng\schuyên\smục|cùng\schủ\sđề|có\sliên\squan:?|mới\snhất|cũ\shơn|mới\shơn|đã\sđưa|nổi\sbật|đọc\snhiều|tiếp\stheo|cùng\stác\sgiả|nên\sđọc).{0,12}|(?:khác|mới)(?:\s(?:đăng|cập\snhật|(?:cùng|trong)\s(?:chuyên\s)?mục|trong\s(?:ngày|tuần)))?\W{0,5})
    |cùng\schuyên\smục|có\sthể\sbạn\squan\stâm|bạn\scó\sthể\squan\stâm|đừng\sbỏ\slỡ|nên\sđọc
    |(?:đọc|xem)\s(?:(?:thêm|tiếp|chi\stiết)(?:\s(?:tin|bài|các|tại|về|video|trong|từ|nội\sdung|bình\sluận|ý\skiến|ở|trên)\b[\w.\s-]{0,30})?|nhiều(?:\s(?:nhất|trong|hôm\snay|tuần)\b[\w\s-]{0,20})?):?|liên\squan:?|tiêu\sđiểm|tin\snóng|video\snổi\sbật
    |từ\skh[óo]a:?|tags?:?|chủ\sđề:?|từ\skhóa\sliên\squan:?
    |cỡ\schữ:?|mặc\sđịnh|a[+-]?|in(?:\s(?:bài|trang|bài\sviết|tin|trang\snày))?|bản\sin|lưu\sbài(?:\sviết)?|phóng\sto|thu\snhỏ|sao\schép(?:\sliên\skết)?
    |(?:ad\s?)?quảng\scáo|bạn\s(?:đánh\sgiá|thấy|cảm\sthấy|nghĩ\sgì).{0,20}bài\sviết.{0,30}\?|advertisements?|ad|tài\strợ|thông\stin\squảng\scáo|tin\stài\strợ
    |copy\slink|link(?:\sbài)?\sgốc:?.{0,160}|link\sđã\sđược\scopy|đã\scopy\sthành\scông!?|xem\s(?:link|nguồn|bài)\s?gốc.{0,60}
    |(?:về|lên|trở\svề)\sđầu\strang|trở\s(?:về|lại)|quay\slại|tắt\s\[x\]|đóng|close|×|loading\.*|đang\stải(?:\s(?:dữ\sliệu|bình\sluận|nội\sdung|trang|thêm|tin|video|ảnh))?\W{0,5}|xem\sảnh\slớn.*
    |nghe\s(?:đọc\sbài|bài\sviết|tin\snày|audio|nội\sdung\sbài).{0,20}|(?:nhấn|bấm|click)\s(?:vào\s)?(?:đây\s)?để\s(?:nghe|xem|phóng).{0,30}|0:00.{0,20}|(?:giọng\s(?:nam|nữ)(?:\s(?:miền\s)?(?:bắc|trung|nam))?\W{0,5}){1,6}
    |xem\slink\snguồn.{0,160}|(?:kính\s)?mời\squý\svị.{0,80}(?:theo\sdõi|đón\sxem|truy\scập).{0,80}(?:youtube|fanpage|facebook|zalo|ứng\sdụng).{0,30}
    |[-–—*\s]*(?:advertisements?|quảng\scáo)[-–—*\s]*|(?:read|see)\s(?:also|more|next):?|related\s(?:posts|articles|news|stories):?|share\son\s\w+
    |theo\sdõi\s(?:kênh|trang|fanpage)\s.{0,30}(?:zalo|facebook|youtube|tiktok|fanpage).{0,30}|trang\s(?:trước|sau)(?:\s[»›])?
    |(?:cỡ\schữ\s)?(?:giảm|tăng)\skích\sthước\scỡ\schữ.{0,40}|đánh\sgiá\smục\snày.{0,30}|\(\d+\sbình\schọn\)
    |(?:đã\s)?(?:đọc|xem)\s[\d.,]+\slần(?:\s?(?:sửa|cập\snhật)\slần\scuối.{0,60})?|(?:sửa|cập\snhật)\slần\scuối.{0,60}
    |(?:bản\s)?in\s(?:từ|tại)\s?:?\shttps?:.{0,160}|(?:in\strang\s)?đóng\scửa\ssổ(?:\sin\strang)?
    |(?:đọc|xem|nghe)\s(?:bài|tin|báo)(?:\s\w+){0,3}\strên\sứng\sdụng.{0,30}|powered\sby.*|neko|mọi\s(?:phản\sánh|ý\skiến\sđóng\sgóp).{0,60}(?:tin,?\s?bài|địa\schỉ|hotline|email).*|cảm\sơn\sbạn!\s?đã\sủng\shộ.{0,30}
    |đánh\sgiá(?:\sbài\sviết)?:?|lượt\sxem:?\s*[\d.,]*|[\d.,]+\s(?:lượt\sxem|views?)|đăng\snhập(?:\s(?:bằng|với)\s.*)?|đăng\sk[ýí](?:\s(?:nhận|theo\sdõi|kênh|thành\sviên|tài\skhoản|bản\stin|ngay|tại\sđây|đặt|mua|email|để)\b.{0,20})?
    |\W*(?:&nbsp;)?\W*)""",
    re.IGNORECASE | re.VERBOSE,
)
ENDS_ARTICLE = re.compile(
    r"(?:(?:các\s)?(?:tin|bài)(?:\sviết)?\s(?:liên quan|khác|cùng chuyên mục|mới nhất|mới hơn|cũ hơn"
    r"|đã đưa|tiếp theo)|có liên quan|cùng chuyên mục|cùng chủ đề|đọc thêm|đọc nhiều|đọc tiếp|"
    r"bạn có thể quan tâm|có thể bạn quan tâm|bình luận|ý kiến (?:của )?bạn(?: đọc)?|gửi bình luận"
    r"|từ khóa|tags?|\(?\d+\)? bình luận|chia sẻ bài viết|tin đọc nhiều|xem nhiều)\b:?\s*(?:\(\d+\))?",
    re.IGNORECASE,
)
"""Headings under which nothing of the article stands any more."""
POINTER = re.compile(
    r"(?:>>+|»|\*\s?>>)\s*|(?:xem thêm|đọc thêm|tin liên quan|mời (?:quý vị|bạn đọc|độc giả))\b\s*:",
    re.IGNORECASE,
)


IMPRINT = re.compile(
    r"\bGP-?\s?(?:BTTTT|BTTT|BVHTT|TTĐT|STTTT|XBBC)|(?:tổng biên tập|giám đốc|phụ trách"
    r"|chịu trách nhiệm(?: nội dung| chính)?)\s*:|cơ quan (?:chủ quản|của đảng bộ)"
    r"|bản quyền (?:thuộc|của)|ghi rõ nguồn|(?:tòa|toà) soạn\s*:|trụ sở(?: chính)?\s*:|phát triển bởi"
    r"|cấm sao chép|©|all rights reserved|copyright"
    r"|giấy phép (?:số|hoạt động|xuất bản|thiết lập)|(?:điện thoại|hotline|đường dây nóng|fax)\s*:"
    r"|không hiển thị (?:công khai|trên trang)",
    re.IGNORECASE,
)
"""Words of a newspaper's imprint, which every page ends with."""
RIGHTS = re.compile(
    r"©|\bGP-?\s?(?:BTTTT|BTTT|BVHTT|TTĐT|STTTT|XBBC)|bản quyền (?:thuộc|của)|ghi rõ nguồn|cấm sao chép"
    r"|all rights reserved|không được sao chép",
    re.IGNORECASE,
)
"""Words of an imprint that no article's last line has."""
IMPRINT_LINE = 400
"""Characters of the longest line of an imprint."""


@lru_cache(maxsize=8192)
def zone_of(marks: str) -> str:
    """Return the kind of furniture that class and id names speak of, or an empty string."""
    match = ZONE.search(marks)
    return match.lastgroup or "" if match else ""


@lru_cache(maxsize=4096)
def hidden_by_class(classes: str) -> bool:
    """Return whether class names hide an element at every screen width."""
    return bool(HIDDEN.search(classes)) and not RESPONSIVE.search(classes)


@lru_cache(maxsize=512)
def is_noise(line: str) -> bool:
    """Return whether a line is a newsroom's label, a control, or an unfilled placeholder."""
    if len(line) > 220:
        return False
    if PLACEHOLDER.search(line) and not _says_something(PLACEHOLDER.sub(" ", line)):
        return True
    if len(line) <= LONGEST_UNFILLED and UNFILLED.fullmatch(line):
        return True
    return NOISE.fullmatch(line) is not None


def _says_something(rest: str) -> bool:
    """Two words beside a placeholder are text that speaks of one; less is its label."""
    return len(re.findall(r"[^\W\d_]{2,}", rest)) >= 2


def ends_article(line: str) -> bool:
    """Return whether a line is the heading of what follows an article."""
    return len(line) < 60 and ENDS_ARTICLE.fullmatch(line) is not None


def is_imprint(line: str) -> bool:
    """Return whether a line is of the newspaper's imprint."""
    return len(line) <= IMPRINT_LINE and IMPRINT.search(line) is not None
