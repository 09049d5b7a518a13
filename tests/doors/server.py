"""Serves the made-up papers of `tests.doors` on loopback and keeps a log of what was asked of each."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.server import ThreadingHTTPServer

from tests.demo.edition import Reply
from tests.demo.faults import Trouble
from tests.demo.server import LOOPBACK, Exchange, Handler, Server, Site
from tests.doors.lists import api
from tests.doors.sites import JSON, PLANS, Paper, Plan


class Host(Site):
    """One host of a paper being served; ``log`` holds the exchanges in the order of their answers."""

    def __init__(self, paper: Paper, port: int, *, second: bool = False) -> None:
        self.port = port
        self.faults = {}
        self.log: list[Exchange] = []
        self.closing = threading.Event()
        self._paper, self._second = paper, second

    def trouble(self, target: str) -> Trouble:
        """Return the answer to ``target``, with what goes wrong there."""
        reply = self._api(target) if self._second else self._paper.reply(target)
        fault = self.faults.get(target)
        return fault(reply) if fault else Trouble(reply)

    def _api(self, target: str) -> Reply:
        path, _, query = target.partition("?")
        given = dict(part.partition("=")[::2] for part in query.split("&"))
        body = api(self._paper, path, given)
        return Reply((body or '{"success": false}').encode(), 200 if body else 404, JSON)


class DoorSite:
    """A made-up paper: where it is, what it has, what was asked of it."""

    def __init__(self, paper: Paper, hosts: Sequence[Host]) -> None:
        self.paper, self._hosts = paper, hosts
        self.name, self.base, self.host = paper.plan.name, paper.base, hosts[0].host

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(host.host for host in self._hosts)

    @property
    def articles(self) -> tuple[str, ...]:
        """The addresses of all its articles, newest first."""
        return tuple(self.base + self.paper.plan.address(piece) for piece in self.paper.all)

    @property
    def titles(self) -> dict[str, str]:
        """Headline by address."""
        return {self.base + self.paper.plan.address(piece): piece.title for piece in self.paper.all}

    @property
    def log(self) -> list[str]:
        """Every address asked for, whatever the answer, of all its hosts."""
        return [host.base + exchange.path for host in self._hosts for exchange in host.log]

    def entry(self) -> str:
        """Return its table of papers.toml as an operator writes it by hand."""
        plan = self.paper.plan
        facts: dict[str, object] = {
            "title": f"Báo {plan.name}",
            "province": "Nghệ An",
            "hosts": list(self.hosts),
            **({"template": plan.template} if plan.template else {}),
            **plan.keys(self.paper),
            "confidence": "high",
            "evidence": "made up; served by tests/doors",
        }
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items()]
        return "\n".join([f"[{plan.name}]", *lines, f"article = ['{plan.pattern}']", ""])


class _Server(Server):
    """One host's listening socket at a free port."""

    def __init__(self) -> None:
        self.connections = set()
        ThreadingHTTPServer.__init__(self, (LOOPBACK, 0), Handler)


@contextmanager
def serve(*names: str) -> Iterator[Mapping[str, DoorSite]]:
    """Serve the papers of these names (all without any) at free ports until the block ends."""
    with ExitStack() as stack:
        yield {plan.name: _open(plan, stack) for plan in PLANS if plan.name in names or not names}


def _open(plan: Plan, stack: ExitStack) -> DoorSite:
    servers = [_Server() for _ in range(2 if plan.name == "cua-api" else 1)]
    bases = [f"http://{LOOPBACK}:{server.server_address[1]}" for server in servers]
    paper = Paper(plan, *bases)
    hosts = [Host(paper, server.server_address[1], second=n > 0) for n, server in enumerate(servers)]
    for server, host in zip(servers, hosts, strict=True):
        server.site = host
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        stack.callback(server.close)
    return DoorSite(paper, hosts)
