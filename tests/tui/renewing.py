"""Sources of tests that give one snapshot after another, or hold back their answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from meshscope.collect.rereading import Reading, Server, Silence
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured, Snapshot
from meshscope.work import Work

from ..mesh.meshes import bootstrap, clusters, dump, listeners, routes, static, table, tcp_listener

FIRST = "2026-11-24T16:40:12Z"
Answer = Snapshot | Silence
"""What a source gives at one time."""


class Turns:
    """An opener: each source goes through its answers, one at each question, and stays with the last one.

    `held` are sources whose next answer waits until the test lets it go: a function that returns then.
    """

    def __init__(self, **answers: tuple[Answer, ...]) -> None:
        self.answers = {name.replace("live_", "http://"): list(each) for name, each in answers.items()}
        self.held: dict[str, Callable[[], Any]] = {}
        self.asked: list[str] = []

    def read(self, source: str, _work: Work) -> Reading:
        first = self.answers[source].pop(0)
        assert isinstance(first, Snapshot)
        return Reading(source, first, "1", FIRST)

    def read_again(self, before: Reading, _work: Work, *, whole: bool) -> Reading:  # noqa: ARG002  # an Opener's signature
        self.asked.append(before.source)
        if before.source in self.held:
            self.held[before.source]()
        left = self.answers[before.source]
        if not left:
            return before
        answer = left.pop(0)
        if isinstance(answer, Silence):
            return replace(before, silent=(answer,))
        return replace(before, snapshot=answer, silent=(), answered_at=FIRST.replace("40:12", "41:00"))

    def link(self, snapshot: Snapshot, work: Work) -> Mesh:
        return Mesh(snapshot, work=work)


def proxy(
    name: str, *names: str, source: str = "file", port: str = "1", more: tuple[dict[str, Any], ...] = ()
) -> Captured:
    """A proxy with a cluster of each name, a listener to each, and a route to each."""
    return dump(
        bootstrap(name),
        clusters(*(static(each, f"10.0.0.1:{port}") for each in names)),
        listeners(*(tcp_listener(each, each) for each in names), *more),
        routes(*(table(f"to-{each}", cluster=each) for each in names)),
        name=f"{name}.json",
        source=source,
    )


def snapshot(*captured: Captured) -> Snapshot:
    return Snapshot(captured)


def silence(since: str = "2026-11-24T16:41:03Z") -> Silence:
    return Silence(Server(), since, "connection refused")
