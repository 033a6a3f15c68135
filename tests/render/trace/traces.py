"""Small traces made by hand, for what no recording of ours has."""

from __future__ import annotations

from typing import Any

from meshscope.location import Document, Location
from meshscope.render.trace.line import Line, Meaning
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Direction, Hop, Path, Rejected, Response, RouteRef, Step, StepKind, Trace
from meshscope.simulation.verdict import Truth

DUMP = Document.of("dump.json", b'{"a": {"b": [1, 2]}}')


def hop(proxy: str = "a", direction: Direction = Direction.OUTBOUND, **fields: Any) -> Hop:
    return Hop(proxy=proxy, direction=direction, **fields)


def route(*losers: Rejected, **fields: Any) -> Step:
    return Step(kind=StepKind.ROUTE, chosen="1 r", rejected=losers, **fields)


def refusal(because: str = "no policy matches", **fields: Any) -> Step:
    fields = {"chosen": "rbac", "verdict": Truth.NO, "location": Location(DUMP, ("a", "b", 1)), **fields}
    return Step(kind=StepKind.HTTP_FILTER, because=because, **fields)


def denied(*hops: Hop, probability: float | None = 1.0, code: int = 403) -> Path:
    response = Response(code=code, details="rbac_access_denied")
    return Path(probability=probability, disposition=Disposition.DENIED, response=response, hops=hops)


def delivered(*hops: Hop, probability: float | None = 1.0) -> Path:
    return Path(probability=probability, disposition=Disposition.DELIVERED, response=None, hops=hops)


def trace(*paths: Path, **request: Any) -> Trace:
    return Trace(id=None, request=Request(**{"source": "a", "dest": "http://b/", **request}), paths=paths)


def words(lines: tuple[Line, ...]) -> list[str]:
    return [line.words for line in lines]


def labelled(lines: tuple[Line, ...], label: str) -> list[str]:
    return ["  ".join(span.text for span in line.spans) for line in lines if line.label == label]


def texts(lines: tuple[Line, ...], meaning: Meaning) -> list[str]:
    return [span.text for line in lines for span in (*line.spans, *line.tail) if span.meaning is meaning]


ROUTE = RouteRef(index=1, name="r")
