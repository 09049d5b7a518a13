"""Knows which of datasette's defaults do not fit an archive, so that plain ``datasette archive.db`` serves it well too.

datasette does not tell a default from the same value given by the operator; any other value of theirs stands.
"""

from __future__ import annotations

from typing import Any

from datasette import hookimpl

from browse.archive import first_archive

OURS = {"suggest_facets": False, "allow_csv_stream": False, "truncate_cells_html": 200}
"""Guessing facets tries every column; a stream reads whole tables; a text in a cell hides the rows below it."""


@hookimpl
def startup(datasette: Any) -> None:
    """Put our values in place of datasette's defaults where an archive is served."""
    # datasette loads its plugins before its own module is whole.
    from datasette.app import DEFAULT_SETTINGS  # noqa: PLC0415

    if first_archive(datasette) is None:
        return
    given = datasette._settings
    given.update({name: value for name, value in OURS.items() if given.get(name) == DEFAULT_SETTINGS[name]})
