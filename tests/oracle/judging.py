"""What a real Envoy did, held against what a trace says: one of the trace's paths must be exactly that."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from hypothesis import reject

from meshscope import Request
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.headers.inline import GAP
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.trace import Path
from meshscope.snapshot.snapshot import Captured, Snapshot

from . import upstream
from .client import Said
from .messages import Json
from .real_envoy import CLUSTERS, EMPTY, RANDOM, Logged, RealEnvoy, RefusedError

OWN = ("x-request-id", "connection", "content-length", "transfer-encoding")  # random, or of one connection
DELIVERED = ("via_upstream", "websocket_handshake_unsuccessful")  # the upstream answers 200 to whatever it is asked


class Call(Protocol):
    """A request on a connection of its own: made, and asked of a trace."""

    def made(self, port: int) -> Said: ...
    def asked(self) -> Request: ...


class Decided(NamedTuple):
    """What both can tell. `upstream` is the request line and the headers that the upstream got, in one order."""

    filter_chain: str = ""
    route: str = ""
    cluster: str = ""
    code: int = 0
    flags: tuple[str, ...] = ()
    details: str = ""
    location: str | None = None
    upstream: tuple[str, ...] = ()


def compare(envoy: RealEnvoy, listeners: Sequence[Json], calls: Sequence[Call], clusters: Sequence[Json] = ()) -> None:
    """Serves the listeners and makes the calls. Raises AssertionError where Envoy did what no path says."""
    try:
        dump = envoy.serve(listeners, clusters)
    except RefusedError:
        reject()
    simulator = Simulator(Mesh(Snapshot((Captured(Document.of("config_dump", dump)),))))
    for call in calls:
        said = call.made(envoy.port)
        logged = envoy.logged(said.peer)
        did = done(logged, said)
        paths = simulator.trace(call.asked()).paths
        fitting = [path for path in paths if fits(told(path), did)]
        assert fitting, explained(call, did, paths)
        delivered = [path.hops[-1] for path in fitting if path.disposition == "delivered"]
        hosts = {one.address for hop in delivered for one in hop.endpoints or ()}
        assert not delivered or logged.host in hosts, f"{logged.host} took it\n" + explained(call, did, paths)


def done(logged: Logged, said: Said) -> Decided:
    http = bool(logged.code or logged.details)
    head, _, _ = said.answer.partition(b"\r\n\r\n")
    fields = {
        name.lower(): value
        for name, _, value in (line.partition(": ") for line in head.decode("latin-1").split("\r\n"))
    }
    delivered = logged.details in DELIVERED
    return Decided(
        filter_chain=logged.filter_chain,
        route=logged.route,
        cluster=logged.cluster,
        code=logged.code if http else 0,
        flags=tuple(sorted(filter(None, logged.flags.split(",")))),
        details="via_upstream" if delivered else logged.details or logged.termination,
        location=None if delivered else fields.get("location"),
        upstream=_received(fields.get(upstream.HEADER, "")) if delivered and logged.code == 200 else (),
    )


def _received(said: str) -> tuple[str, ...]:
    got: Json = json.loads(b64decode(said)) if said else {"line": "HEAD", "headers": []}
    method, _, rest = got["line"].partition(" ")
    pairs = [(name, value) for name, value in got["headers"] if name not in OWN]
    return () if method == "HEAD" else _upstream(method, rest.rpartition(" ")[0], pairs)


def _upstream(method: str, path: str, headers: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return (f"{method} {path}", *sorted(f"{name}: {value}" for name, value in headers))


def fits(said: Decided, did: Decided) -> bool:
    """Whether they are the same; a value that nobody can know may be any."""
    if said == did:
        return True
    if GAP not in "".join(said.upstream) or said._replace(upstream=()) != did._replace(upstream=()):
        return False
    patterns = (".*".join(map(re.escape, line.split(GAP))) for line in said.upstream)
    return len(said.upstream) == len(did.upstream) and all(map(re.fullmatch, patterns, did.upstream))


def told(path: Path) -> Decided:
    hop = path.hops[-1]
    response = path.response
    delivered = path.disposition == "delivered"
    route = hop.route.name if hop.route else ""
    if delivered and hop.request_headers is None:  # TCP
        return Decided(filter_chain=hop.filter_chain.name if hop.filter_chain else "", cluster=hop.cluster or "")
    flags = (response.flags if response else "-").replace("-", "")
    return Decided(
        filter_chain=hop.filter_chain.name if hop.filter_chain else "",
        route=route,
        cluster=_logged(hop.cluster),
        code=200 if delivered else response.code if response else -1,
        flags=tuple(sorted(filter(None, flags.split(",")))),
        details="via_upstream" if delivered else response.details if response else path.disposition,
        location=None if delivered or not response else response.location,
        upstream=_asked_upstream(path) if delivered else (),
    )


def _logged(cluster: str | None) -> str:
    """The log names no cluster that is not there."""
    return cluster if cluster in (*CLUSTERS, EMPTY, RANDOM) else ""


def _asked_upstream(path: Path) -> tuple[str, ...]:
    pairs = path.hops[-1].request_headers or ()
    pseudo = {name: value for name, value in pairs if name.startswith(":")}
    if pseudo.get(":method") == "HEAD":
        return ()
    rest = [
        ("host", pseudo.get(":authority", "")),
        *(pair for pair in pairs if pair[0] not in OWN and pair[0][:1] != ":"),
    ]
    return _upstream(pseudo.get(":method", ""), pseudo.get(":path", ""), rest)


def explained(call: Call, did: Decided, paths: Sequence[Path]) -> str:
    lines = [f"{call}", f"Envoy {did}"]
    for path in paths:
        lines.append(f"trace {told(path)} {path.disposition} {path.assuming}")
        lines += [f"      {step.kind} {step.chosen} {step.verdict}: {step.because}" for step in path.hops[-1].steps]
    return "\n".join(lines)
