"""The way of a request so far, and the Path that it becomes at its end."""

from __future__ import annotations

from collections.abc import Hashable

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import REFUSED_BY_CLIENT, End
from meshscope.simulation.http_filters.delay import FLAG, delay_of
from meshscope.simulation.journey.caller import caller_of, seen_from
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.trace import Hop, Path, Response, StepKind

DELAYED = Response(code=200, flags=FLAG, details="via_upstream")
"""The access log where a fault only delays: the upstream's answer, taken to be 200."""


class PartialPath(Struct, frozen=True, kw_only=True):
    """`visited` holds a state for each proxy on the way, so that loops end. `delayed`: a fault filter delayed the request."""

    probability: float | None = 1.0
    hops: tuple[Hop, ...] = ()
    assuming: tuple[str, ...] = ()
    visited: frozenset[Hashable] = frozenset()
    delayed: bool = False

    def with_arrival(self, arrival: Arrival) -> PartialPath:
        """The same at the next place. Where no proxy guards it, the steps that lead there belong to the last hop."""
        hops = self.hops
        if hops and arrival.proxy is None and arrival.steps:
            last = hops[-1]
            endpoints = (arrival.endpoint,) if arrival.endpoint else last.endpoints
            hops = (*hops[:-1], replace(last, steps=last.steps + arrival.steps, endpoints=endpoints))
        probability = both(self.probability, arrival.probability)
        return replace(self, probability=probability, hops=hops, assuming=self.assuming + arrival.assuming)

    def with_draft(self, draft: Draft) -> PartialPath:
        """The same after one more proxy."""
        request = draft.forward.request if draft.forward else None
        return PartialPath(
            probability=both(self.probability, draft.probability),
            hops=(*self.hops, draft.hop),
            assuming=self.assuming + draft.assuming,
            visited=self.visited,
            delayed=self.delayed or bool(request and delay_of(request)),
        )

    def with_last_hop(self, hop: Hop, share: float) -> PartialPath:
        """Of several ways on from the last hop the one that `hop` describes."""
        return replace(self, hops=(*self.hops[:-1], hop), probability=both(self.probability, share))

    def ended(self, end: End | None) -> Path:
        """`end` None: delivered. With assumptions the path is unknown; `if_passed` says how it ends if all of them hold."""
        assuming = tuple(dict.fromkeys(self.assuming))
        disposition = end.disposition if end else Disposition.DELIVERED
        is_assumed = bool(assuming) and disposition is not Disposition.UNKNOWN
        response = end.response if end else DELAYED if self.delayed else None
        return Path(
            probability=self.probability,
            disposition=Disposition.UNKNOWN if is_assumed else disposition,
            response=None if is_assumed else response,
            hops=self.hops,
            assuming=assuming,
            if_passed=disposition if is_assumed else None,
            caller=None if is_assumed else caller_of(self.hops, end),
        )

    def refused(self, draft: Draft) -> Path:
        """Where the last proxy refuses the handshake with the next, of which `draft` is what is known."""
        last, step = self.hops[-1], next((one for one in reversed(draft.hop.steps) if one.kind is StepKind.TLS), None)
        if step:  # the settings that refuse are those of the cluster
            owner = next((one.owner for one in reversed(last.steps) if one.kind is StepKind.CLUSTER), None)
            step = replace(step, owner=step.owner or owner)
        hop = replace(last, steps=(*last.steps, step)) if step else last
        seen = seen_from(last, None, REFUSED_BY_CLIENT)
        path = replace(
            self,
            probability=both(self.probability, draft.probability),
            hops=(*self.hops[:-1], hop),
            assuming=self.assuming + draft.assuming,
        )
        return path.ended(End(Disposition.TLS_MISMATCH, seen))


def both(first: float | None, second: float | None) -> float | None:
    """The probability of two independent events; None where one of them is unknown."""
    return None if first is None or second is None else first * second


def limited(paths: tuple[Path, ...], most: int) -> tuple[Path, ...]:
    """The likeliest paths first; those beyond `most` become one path that counts them."""
    likely = sorted((path for path in paths if path.probability != 0), key=lambda path: -(path.probability or 0.0))
    if len(likely) <= most:
        return tuple(likely)
    shown, rest = likely[: most - 1], likely[most - 1 :]
    known = [path.probability for path in rest if path.probability is not None]
    dispositions = {path.disposition for path in rest}
    first = rest[0]
    others = replace(
        first,
        probability=sum(known) if known else None,
        disposition=dispositions.pop() if len(dispositions) == 1 else Disposition.UNKNOWN,
        others=len(rest),
        hops=first.hops[:1],
    )
    return (*shown, others)
