"""Small made-up newspapers on loopback, one for every door a paper can have and every system that has it.

``with serve() as sites:`` serves them; ``sites[name]`` is one (`tests.doors.server.DoorSite`): its ``host``,
``base``, ``articles`` (all addresses it has), ``entry()`` (its table of papers.toml, written by hand) and
``log`` (what was asked of it).
"""

from tests.doors.server import DoorSite, serve
from tests.doors.sites import NAMES

__all__ = ["NAMES", "DoorSite", "serve"]
