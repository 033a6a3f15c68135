"""RBAC by a matcher tree (`matcher`, `shadow_matcher`): an action ALLOW or LOG lets pass, DENY and no match do not.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto#config-rbac-v3-action
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.location import Location
from meshscope.simulation.matching.tree import evaluate
from meshscope.simulation.matching.tree_inputs import http_inputs, network_inputs
from meshscope.simulation.rbac.engine import Decision, Engine, RbacEngine, of_action
from meshscope.simulation.rbac.facts import RbacFacts
from meshscope.simulation.trace import Rejected
from meshscope.simulation.verdict import NO, YES, Unknown, no, unknown
from meshscope.xds.matcher_tree import Matcher
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.rbac import Action, Rules


class RbacTree:
    """A tree made ready for questions; headers are joined by commas, whatever the guards say."""

    action = "a matcher tree"

    def __init__(self, tree: Matcher | Undecodable) -> None:
        self._tree = tree

    def decide(self, facts: RbacFacts) -> Decision:
        if isinstance(self._tree, Undecodable):
            return _doubt(self._tree.why)
        connection = facts.connection
        inputs = http_inputs(facts.request, connection, facts.envoy) if facts.request else network_inputs(connection)
        found = evaluate(self._tree, inputs, metadata=facts.metadata, envoy=facts.envoy)
        if isinstance(found, Unknown):
            return _doubt(found.because)
        if found is None:
            return Decision(NO, "", no("the matcher tree has no match"))
        action = found.config
        if not isinstance(action, Action):
            return _doubt(f"the action {found.type_name or found.name} is not modelled")
        allowed = of_action(action.action, YES)
        return _doubt(allowed.because) if allowed.is_unknown else Decision(allowed, action.name)

    def rejected(self, _facts: RbacFacts, _location: Location | None, _but: str = "", /) -> tuple[Rejected, ...]:
        return ()

    def wants(self, _name: str, /) -> str:
        return " in the matcher tree"


def engine_of(rules: Rules | None, matcher: Raw) -> Engine | None:
    """A tree wins over rules; None without either: everything passes."""
    if present(matcher):
        return RbacTree(decode(matcher, Matcher))
    return RbacEngine(rules) if rules else None


def _doubt(why: str) -> Decision:
    return Decision(unknown(why), "", unknown(why), ("matcher",))
