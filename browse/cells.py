"""Knows how a value is shown in a table of datasette: ids as links, times as Vietnam reads them, states in words."""

from __future__ import annotations

import re
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

from browse.archive import is_archive
from browse.health import STATES
from browse.moments import moment

IS_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?")
OF_TIMES = re.compile(r".*(_at|_seen|_due|_published)|published|modified|last_good|as_of|since|until")
"""Columns of times."""


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any | None:
    """Link permanent ids, and the titles beside them, to the article's page; write times and states for people."""
    if not isinstance(value, str) or not value:
        return None
    if column in ("uid", "first_uid"):
        return _link(datasette, f"/a/{value}", value)
    known = row.keys() if hasattr(row, "keys") else ()
    if column == "title" and "uid" in known:
        return _link(datasette, f"/a/{row['uid']}", value)
    if OF_TIMES.fullmatch(column) and IS_TIME.fullmatch(value) and is_archive(datasette, database):
        time = Markup('<time datetime="{}">{}</time>').format(value, moment(value))
        return _link(datasette, f"/a/{row['uid']}/diff", time) if column == "changed_at" and "uid" in known else time
    if column == "state" and table == "health" and value in STATES:
        return Markup('{} · <span lang="en">{}</span>').format(STATES[value][0], value)
    return None


def _link(datasette: Any, path: str, text: str) -> Any:
    return Markup('<a href="{}">{}</a>').format(datasette.urls.path(path), text)
