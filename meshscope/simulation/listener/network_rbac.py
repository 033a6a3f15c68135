"""`envoy.filters.network.rbac`: RBAC at the first bytes of a connection; a denial closes the connection.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/rbac_filter
The upstream connection is open by then: the access log names the cluster, and bytes of an upstream that speaks first may have
reached the client. Headers never match. A denial has `%CONNECTION_TERMINATION_DETAILS%` and no response flag.
"""

from __future__ import annotations

from typing import Any

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.dynamic_metadata import merged_metadata
from meshscope.simulation.endings import End
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.rbac.engine import denied_details, hint_for, in_words, shadow_results, to_change
from meshscope.simulation.rbac.facts import RbacFacts
from meshscope.simulation.rbac.matcher_tree import engine_of
from meshscope.simulation.trace import Response, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.rbac import RBAC

METADATA = "envoy.filters.network.rbac"
Metadata = dict[str, Any]


class NetworkRbac:
    """One filter, compiled; build it once for each configuration. `location` is that of its `typed_config`."""

    def __init__(self, name: str, config: RBAC, location: Location | None = None) -> None:
        self._name, self._location = name, location
        self._enforced = engine_of(config.rules, config.matcher)
        self._shadow = engine_of(config.shadow_rules, config.shadow_matcher)
        self._shadow_prefix = config.shadow_rules_stat_prefix

    def __call__(
        self, connection: Connection, metadata: Metadata, envoy: Envoy, *, terminates_tls: bool, explain: bool = True
    ) -> tuple[Outcome[Metadata], ...]:
        """`metadata` is the connection's dynamic metadata; each outcome contains it as the next filter sees it.

        `terminates_tls`: this chain terminates the client's TLS. TLS that passes through gives no identity.
        """
        facts = RbacFacts(connection=connection, secured=terminates_tls, envoy=envoy, connection_metadata=metadata)
        if self._shadow is None:
            return (self._enforce(facts, metadata, "", "", explain=explain),)
        results = shadow_results(self._shadow.decide(facts), self._shadow, self._shadow_prefix)
        return tuple(
            self._enforce(facts, merged_metadata(metadata, METADATA, values), condition, note, explain=explain)
            for values, condition, note in results
        )

    def _enforce(
        self, facts: RbacFacts, metadata: Metadata, condition: str, note: str, *, explain: bool
    ) -> Outcome[Metadata]:
        probability = None if condition else 1.0
        if self._enforced is None:
            steps = (self._step(Truth.YES, note or "no rules"),) if explain else ()
            return Outcome(metadata, probability, condition, steps)
        decision = self._enforced.decide(facts)
        if decision.allowed.is_yes and not explain:
            return Outcome(metadata, probability, condition)
        policies = self._location and self._location / "rules" / "policies"
        rejected = self._enforced.rejected(facts, policies, decision.policy)
        because = " · ".join(filter(None, (in_words(decision, self._enforced, rejected), note)))
        owner, place = to_change(decision, rejected, policies)
        step = self._step(
            decision.allowed.answer,
            because,
            rejected=rejected,
            owner=owner,
            location=place or self._location,
            hint=None if decision.allowed.is_yes else hint_for(decision.allowed.because),
        )
        if decision.allowed.is_no:
            end = End(Disposition.DENIED, Response(code=0, details=denied_details(decision.policy)))
            return Outcome(end, probability, condition, (step,))
        assuming = () if decision.allowed.is_yes else (f"{self._name} ({METADATA}) lets the connection pass",)
        return Outcome(metadata, probability, condition, (step,), assuming)

    def _step(self, verdict: Truth, because: str, **more: Any) -> Step:
        more.setdefault("location", self._location)
        return Step(kind=StepKind.NETWORK_FILTER, chosen=self._name, verdict=verdict, because=because, **more)
