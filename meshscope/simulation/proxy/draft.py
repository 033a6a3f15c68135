"""A hop while it is being simulated: its fields so far, its probability, and how it goes on."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.cluster.selection import Selected
from meshscope.simulation.cluster.upstream_connection import UpstreamConnection
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.endings import End
from meshscope.simulation.header_changes import told
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.trace import HeaderChange, Hop, Step, StepKind


class Forward(Struct, frozen=True, kw_only=True):
    """The proxy sends the request on. `hosts` None: the endpoints were not captured. `request` None for TCP.

    `connections` has one entry for each host, in the same order; `destination` is the address of an ORIGINAL_DST cluster,
    which has no hosts, and `host_name` the name that Envoy gives it.
    """

    cluster: str
    hosts: tuple[Selected, ...] | None = ()
    connections: tuple[UpstreamConnection, ...] = ()
    destination: str = ""
    host_name: str = ""
    request: HttpRequest | None = None


class Draft(Struct, frozen=True, kw_only=True):
    """`probability` None: possible, but unknown. Without `end` and `forward` the hop goes on."""

    hop: Hop
    probability: float | None = 1.0
    assuming: tuple[str, ...] = ()
    end: End | None = None
    forward: Forward | None = None
    inner: Connection | None = None
    """The connection inside the client's TLS, where this proxy terminates it."""

    def with_steps(self, *steps: Step) -> Draft:
        return replace(self, hop=replace(self.hop, steps=self.hop.steps + steps)) if steps else self

    def after_steps(self, steps: tuple[Step, ...]) -> Draft:
        """The same with earlier steps in front."""
        return replace(self, hop=replace(self.hop, steps=steps + self.hop.steps)) if steps else self

    def told(self, changed: tuple[HeaderChange, ...], *kinds: StepKind) -> Draft:
        """The same with changes of the request in the last step of the first kind that there is."""
        return self.with_hop(steps=told(self.hop.steps, changed, *kinds)) if changed else self

    def with_hop(self, **fields: Any) -> Draft:
        return replace(self, hop=replace(self.hop, **fields))

    def after(self, outcome: Outcome[Any]) -> Draft:
        """The same after a stage's answer: with its steps, assumptions and probability, and its End if it is one."""
        chance = None
        if self.probability is not None and outcome.probability is not None:
            chance = self.probability * outcome.probability
        end = outcome.value if isinstance(outcome.value, End) else None
        hop = replace(self.hop, steps=self.hop.steps + outcome.steps) if outcome.steps else self.hop
        return Draft(hop=hop, probability=chance, assuming=self.assuming + outcome.assuming, end=end, inner=self.inner)

    def assumed(self, assuming: tuple[str, ...]) -> Draft:
        return replace(self, assuming=self.assuming + assuming) if assuming else self

    def ended(self, end: End, *steps: Step, assuming: tuple[str, ...] = ()) -> Draft:
        return replace(self.with_steps(*steps).assumed(assuming), end=end)
