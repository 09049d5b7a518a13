"""Knows CDXJ, the index by which replay tools find a record: its keys, its lines, its order.

One line a record: the address as SURT key, its time, and JSON that says where the record stands
(https://specs.webrecorder.net/cdxj/0.1.0/).
"""

from __future__ import annotations

import heapq
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

WWW = re.compile(r"www\d*\.")
PORTS = {"http": 80, "https": 443}
SESSION = re.compile(r"(?:^|(?<=&))(?:jsessionid|phpsessid|sid|aspsessionid[a-z]{8})=[0-9a-z]{16,}(?:&|$)")
"""Parameters of a visit and not of a page, as the Internet Archive's keys leave them out."""
SAFE = "!$%&'()*+,-./:;=?@[]_~|"
IN_MEMORY = 100_000
"""Lines sorted in memory at a time; more wait in temporary files."""


def surt(url: str) -> str:
    """Return the key of an address: host turned round, without scheme, ``www.`` and fragment, all in lower case.

    ``https://www.baomau.vn/Tin/?b=2&a=1`` is ``vn,baomau)/tin?a=1&b=2``. An address that is none is its own key.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url
    if parts.scheme not in PORTS or not host:
        return url
    turned = ",".join(reversed(WWW.sub("", host, count=1).split(".") if WWW.match(host) else host.split(".")))
    place = f":{port}" if port and port != PORTS[parts.scheme] else ""
    query = "&".join(sorted(SESSION.sub("", _plain(parts.query)).strip("&").split("&")))
    return f"{turned}{place}){_path(parts.path)}" + (f"?{query}" if query else "")


def line(url: str, fetched_at: str, facts: Mapping[str, Any]) -> str:
    """Return an index line for the record of ``url``; ``fetched_at`` is ISO 8601 in UTC."""
    stamp = re.sub(r"\D", "", fetched_at)[:14]
    return f"{surt(url)} {stamp} {json.dumps({'url': url, **facts}, ensure_ascii=False)}\n"


class SortedLines:
    """Lines that are put in any order and given in that of their bytes, however many; each once."""

    def __init__(self) -> None:
        self._lines: set[str] = set()
        self._runs: list[IO[str]] = []

    def add(self, one: str) -> None:
        """Take a line that ends in a newline and holds no other."""
        self._lines.add(one)
        if len(self._lines) >= IN_MEMORY:
            run = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by close()
            run.writelines(sorted(self._lines))
            run.seek(0)
            self._runs.append(run)
            self._lines.clear()

    def __iter__(self) -> Iterator[str]:
        # Code points sort as their UTF-8 bytes do.
        before = None
        for one in heapq.merge(*self._runs, sorted(self._lines)):
            if one != before:
                yield one
            before = one

    def close(self) -> None:
        """Remove the temporary files."""
        for run in self._runs:
            run.close()


def _path(path: str) -> str:
    kept: list[str] = []
    for part in _plain(path).split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    return "/" + "/".join(kept)


def _plain(part: str) -> str:
    """Return a part of an address in lower case, with one spelling of what is percent-encoded."""
    return quote(unquote_to_bytes(part), safe=SAFE.replace("%", "")).lower()
