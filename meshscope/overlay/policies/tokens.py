"""The JWT filters of the chains that applied RequestAuthentications touch, in one proxy."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator

import msgspec

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.kinds.request_authentication import Policy, all_policies, known_versions
from meshscope.effect.policies.chains import PolicyChain, Unread, knows_listeners, policy_chains
from meshscope.effect.policies.selection import selection
from meshscope.effect.policies.waypoints import WaypointChain, reach, waypoint_chains
from meshscope.envoy.resource import LISTENER
from meshscope.istio.objects.request_authentication import JWTRule
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.policies.token_filter import is_token_filter, uri_of, with_tokens

_KEYS = ("local_jwks", "remote_jwks")


class Tokens:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the policies that differ."""

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Policy, ...], new: tuple[Policy, ...]
    ) -> None:
        self._before, self._after = before, after
        self._touched = (*new, *old)
        self._objects = ", ".join(dict.fromkeys(str(named(one.item)) for one in self._touched))

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind == "waypoint":
            self._at_waypoint(draft)
        if client.kind not in ("sidecar", "gateway"):
            return
        old, new = tuple(self._rules(self._before, draft)), tuple(self._rules(self._after, draft))
        if old != new and self._is_known(draft, new):
            self._at_chains(draft, old, new, policy_chains(self._after, client))

    def _at_waypoint(self, draft: Draft) -> None:
        """Each chain has the rules that are attached to what it is for."""
        client = draft.client
        old, new = (self._by_chain(draft, configuration) for configuration in (self._before, self._after))
        for one in waypoint_chains(self._after, client):
            index = one.chain.index if isinstance(one, WaypointChain) else None
            rules = old.get(index, ()), new.get(index, ())
            if isinstance(one, WaypointChain) and rules[0] != rules[1] and self._is_known(draft, rules[1]):
                self._at_chains(draft, *rules, (one.chain,))

    def _by_chain(self, draft: Draft, configuration: Configuration) -> dict[int | None, tuple[JWTRule, ...]]:
        found: dict[int | None, tuple[JWTRule, ...]] = {}
        for one in all_policies(configuration):
            reached = reach(configuration, one.namespace, one.value.spec, draft.client)
            if any(other.item.ref == one.item.ref for other in self._touched):
                draft.not_rebuilt += [self._unknown(draft.client, because) for because in reached.unread]
            for each in reached.chains:
                index = each.chain.index
                found[index] = (*found.get(index, ()), *one.value.spec.jwt_rules)
        return found

    def _is_known(self, draft: Draft, new: tuple[JWTRule, ...]) -> bool:
        client = draft.client
        if not knows_listeners(client) or not self._after.is_since(1, 21):
            because = "tokens are rebuilt for Istio 1.21 and later" if knows_listeners(client) else "not all listeners"
            draft.not_rebuilt.append(self._unknown(client, because))
            return False
        if any(one.presence != "OPTIONAL" for one in new):
            draft.not_rebuilt.append(self._unknown(client, "presence of tokens is not rebuilt"))
        return True

    def _rules(self, configuration: Configuration, draft: Draft) -> Iterator[JWTRule]:
        for one in all_policies(configuration):
            found = selection(configuration, one.namespace, one.value.spec, draft.client)
            if found.is_selected is None and any(other.item.ref == one.item.ref for other in self._touched):
                draft.not_rebuilt.append(self._unknown(draft.client, found.because))
            if found.is_selected:
                yield from one.value.spec.jwt_rules

    def _at_chains(
        self,
        draft: Draft,
        old: tuple[JWTRule, ...],
        new: tuple[JWTRule, ...],
        chains: Iterable[PolicyChain | Unread],
    ) -> None:
        client, known = draft.client, known_versions(self._after, draft.client)
        told = False
        for chain in chains:
            if isinstance(chain, Unread):
                draft.not_rebuilt.append(self._unknown(client, chain.because))
                continue
            listener = draft.body(LISTENER, chain.resource.name)
            if not chain.is_http or listener is None or (found := chain.chain.http) is None:
                continue
            body = copy.deepcopy(listener)
            here = body
            for part in chain.path:
                here = here[part]
            manager = here["filters"][found[0]]["typed_config"]
            today = manager.get("http_filters", [])
            keys = dict(_today(today, old))
            manager["http_filters"] = with_tokens(today, new, keys, known)
            if manager["http_filters"] != today:
                draft.put(LISTENER, chain.resource.name, body)
                if not told:
                    draft.changes.append(self._change(client, str(chain), _issuers(today), new))
                    told = True
            for one in new:
                if not one.jwks and (one.issuer, uri_of(one)) not in keys:
                    because = (
                        f"the keys of {uri_of(one) or one.issuer} are not known, so that a token may be valid or not"
                    )
                    note = self._unknown(client, because)
                    draft.not_rebuilt.append(msgspec.structs.replace(note, decides=Reach.NOTHING))

    def _change(self, client: Client, chain: str, before: str, new: tuple[JWTRule, ...]) -> Change:
        after = ", ".join(sorted(one.issuer for one in new))
        kind = Kind.MADE if not before else Kind.VANISHES if not after else Kind.CHANGED
        differences = (Difference("issuers", after, before),) if before != after else ()
        return Change(
            proxy=client.name,
            what="token filter",
            name=f"jwt_authn in the {chain}",
            change=kind,
            object=self._objects,
            before=f"issuers {before}" if before else None,
            after=f"issuers {after}" if after else None,
            differences=differences if kind is Kind.CHANGED else (),
            location=self._touched[0].item.location,
        )

    def _unknown(self, client: Client, because: str) -> NotRebuilt:
        return NotRebuilt(
            object=self._objects,
            because=because,
            proxy=client.name,
            decides=Reach.INBOUND if client.kind == "sidecar" else Reach.REQUESTS,
        )


def _providers(filters: list[Json]) -> Iterator[Json]:
    for one in filters:
        if is_token_filter(one):
            yield from one["typed_config"].get("providers", {}).values()


def _issuers(filters: list[Json]) -> str:
    return ", ".join(sorted(one.get("issuer", "") for one in _providers(filters)))


def _today(filters: list[Json], old: tuple[JWTRule, ...]) -> Iterator[tuple[tuple[str, str], Json]]:
    """Keys that the proxy has, by the rules of today."""
    for provider in _providers(filters):
        keys = {name: provider[name] for name in _KEYS if name in provider}
        for rule in old:
            if rule.issuer == provider.get("issuer") and not rule.jwks and keys:
                yield (rule.issuer, uri_of(rule)), keys
