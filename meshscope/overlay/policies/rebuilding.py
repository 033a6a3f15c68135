"""The RBAC filters of the chains that applied AuthorizationPolicies touch, in one proxy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.configuration import SECURITY, Configuration
from meshscope.effect.kinds.authorization_policy import Policy, asked_rules
from meshscope.effect.policies.authorization.at_chain import ACTIONS
from meshscope.effect.policies.chains import PolicyChain, Unread, knows_listeners, policy_chains
from meshscope.effect.policies.selection import selection
from meshscope.effect.policies.waypoints import Reach as WaypointReach
from meshscope.effect.policies.waypoints import WaypointChain, reach, waypoint_chains
from meshscope.istio.objects.authorization_policy import AuthorizationPolicy
from meshscope.overlay.change import Reach
from meshscope.overlay.draft import Draft
from meshscope.overlay.policies.rbac_chains import RbacChains, unknown


class Policies:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the policies that differ."""

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Policy, ...], new: tuple[Policy, ...]
    ) -> None:
        self._before, self._after = before, after
        self._old, self._new = old, new
        self._all = tuple(after.typed("AuthorizationPolicy", AuthorizationPolicy, SECURITY))

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind == "waypoint":
            self._at_waypoint(draft)
        if client.kind not in ("sidecar", "gateway"):
            return
        old = [one for one in self._old if self._applies(draft, self._before, one)]
        new = [one for one in self._new if self._applies(draft, self._after, one)]
        if not old and not new:
            return
        if not knows_listeners(client):
            draft.not_rebuilt.append(unknown(client, (new or old)[0], "not all listeners were captured"))
            return
        present = tuple(self._enforced(draft))
        if (found := self._chains(draft, old, new, present)) is None:
            return
        for chain in policy_chains(self._after, client):
            if isinstance(chain, Unread):
                for one in new[:1]:
                    draft.not_rebuilt.append(unknown(client, one, chain.because))
            else:
                found.at(chain)

    def _at_waypoint(self, draft: Draft) -> None:
        """Each chain has the policies that are attached to what it is for."""
        client = draft.client
        old = {one: reach(self._before, one.namespace, one.value.spec, client) for one in self._old}
        new = {one: reach(self._after, one.namespace, one.value.spec, client) for one in self._new}
        for one, found in (*new.items(), *old.items()):
            draft.not_rebuilt += [unknown(client, one, because) for because in found.unread]
        indices = {each.chain.index for found in (*old.values(), *new.values()) for each in found.chains}
        if indices and not knows_listeners(client):
            draft.not_rebuilt.append(unknown(client, next(iter((*new, *old))), "not all listeners were captured"))
            return
        enforced = [(one, found) for one in self._all if (found := self._here(one, client)).chains]
        told: dict[tuple[int, ...], set[str]] = {}
        for chain in (each.chain for each in waypoint_chains(self._after, client) if isinstance(each, WaypointChain)):
            if chain.index not in indices:
                continue
            gone, come = ([one for one, found in some.items() if _is_in(chain, found)] for some in (old, new))
            present = tuple(one for one, found in enforced if _is_in(chain, found))
            alike = told.setdefault((*map(id, gone), 0, *map(id, come)), set())  # chains that differ by the same
            found_here = self._chains(draft, gone, come, tuple(self._enforcing(present, client)), alike)
            if found_here is not None:
                found_here.at(chain)

    def _here(self, one: Policy, client: Client) -> WaypointReach:
        return reach(self._after, one.namespace, one.value.spec, client)

    def _chains(
        self,
        draft: Draft,
        old: list[Policy],
        new: list[Policy],
        present: tuple[Policy, ...],
        told: set[str] | None = None,
    ) -> RbacChains | None:
        """None where nothing is foretold; `present` are all that are enforced afterwards."""
        client = draft.client
        rules = [(one, each) for one in old for each in asked_rules(self._before, one, client)]
        asked = [(one, each) for one in new for each in asked_rules(self._after, one, client)]
        if custom := next((one for one, each in (*asked, *rules) if each.is_custom), None):
            because = "a policy that asks an external authorizer (CUSTOM) is not rebuilt"
            draft.not_rebuilt.append(unknown(client, custom, because))
            return None
        for one in {one.item.ref: one for one, each in asked if each.action not in ACTIONS}.values():
            because = f"action {one.value.spec.action} is none of Istio's, and the API server refuses it"
            draft.not_rebuilt.append(unknown(client, one, because))
        for one in {one.item.ref: one for one, each in asked if each.is_dry_run}.values():
            because = "what a dry run would deny is not rebuilt"
            draft.not_rebuilt.append(replace(unknown(client, one, because), decides=Reach.NOTHING))
        actions = {ACTIONS[each.action] for _, each in (*rules, *asked) if each.action in ACTIONS}
        staying = {action for one in present if (action := ACTIONS.get(one.value.spec.action))}
        stays = {action: action in staying for action in actions}
        return RbacChains(draft, [each for _, each in rules], asked, stays, set() if told is None else told)

    def _applies(self, draft: Draft, configuration: Configuration, one: Policy) -> bool:
        found = selection(configuration, one.namespace, one.value.spec, draft.client)
        if found.is_selected is None:
            draft.not_rebuilt.append(unknown(draft.client, one, found.because))
        return bool(found.is_selected)

    def _enforced(self, draft: Draft) -> Iterator[Policy]:
        """Those that apply to the proxy and are no dry run: their filter is there, whatever becomes of their rules."""
        client = draft.client
        selected = (
            one for one in self._all if selection(self._after, one.namespace, one.value.spec, client).is_selected
        )
        yield from self._enforcing(selected, client)

    def _enforcing(self, some: Iterable[Policy], client: Client) -> Iterator[Policy]:
        for one in some:
            asked = next(asked_rules(self._after, one, client))
            if not asked.is_dry_run and not asked.is_custom:
                yield one


def _is_in(chain: PolicyChain, found: WaypointReach) -> bool:
    return any(one.chain.index == chain.index for one in found.chains)
