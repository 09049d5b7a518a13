"""Settings that nothing can be done with are refused by name before anything is asked or written."""

from __future__ import annotations

import re

import pytest
from scrapy.settings import Settings

from crawler.given import OURS, check_settings
from crawler.naming import WrongUseError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETRY_TIMES", "1.5"),
        ("DAILY_REQUESTS", "1e3"),
        ("NEXT_DUE", "no.such"),
        ("NEXT_DUE", "nothing"),
        ("RETRY_HTTP_CODES", "abc"),
        ("LOG_LEVEL", "LOUD"),
        ("DAILY_REQUESTS", "inf"),
        ("USER_AGENT", ""),
        ("POLL_SHORTEST", "99999"),
        ("HEALTH_COMMAND", '"unclosed'),
        ("CONTACT_URL", "javascript:1"),
        ("CONTACT_URL", "https://"),
        ("CONCURRENT_REQUESTS", "0"),
        ("DOWNLOAD_TIMEOUT", "0"),
    ],
)
def test_a_value_that_nothing_can_be_done_with_is_refused_by_the_name_of_its_setting(name: str, value: str) -> None:
    settings = Settings(OURS)
    check_settings(settings)
    settings.set(name, value, priority="cmdline")
    with pytest.raises(WrongUseError, match=f"^setting {name}: expected .*, found {re.escape(repr(value))}"):
        check_settings(settings)
