"""The RBAC filters of one chain after another, with the policies that come and without those that go."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.kinds.authorization_policy import Policy
from meshscope.effect.policies.authorization.at_chain import ACTIONS, AskedRule
from meshscope.effect.policies.authorization.comparison import words
from meshscope.effect.policies.chains import PolicyChain
from meshscope.envoy.resource import LISTENER
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.policies.rbac_filters import HTTP, TCP, Filters, action_of, policies_of, with_policies
from meshscope.path import path_text
from meshscope.xds.plain import plain
from meshscope.xds.rbac import RBAC
from meshscope.xds.rbac import Policy as RbacPolicy


class RbacChains:
    """`stays` says of each action that is touched whether its filter is there afterwards; `told` are the rules of which
    something is said already.
    """

    def __init__(
        self,
        draft: Draft,
        old: list[AskedRule],
        new: list[tuple[Policy, AskedRule]],
        stays: dict[str, bool],
        told: set[str],
    ) -> None:
        self._draft, self._old, self._new, self._stays = draft, old, new, stays
        self._told = told

    def at(self, chain: PolicyChain) -> None:
        name = chain.resource.name
        listener = self._draft.body(LISTENER, name)
        if listener is None:
            return
        body = copy.deepcopy(listener)
        holder, field = _holder(body, chain)
        filters = before = holder[field]
        gone = {each for one in self._old for each in one.names}
        wanted = {action: self._wanted(chain, action) for action in self._stays}
        for action, stays in self._stays.items():
            today = next((policies_of(one) for one in filters if action_of(one) == action), {})
            kept = {key: value for key, value in today.items() if key not in gone}
            policies = {**kept, **{key: plain(value) for key, value in wanted[action].items()}}
            filters = with_policies(filters, action, policies if stays else None, HTTP if chain.is_http else TCP)
        if filters != before:
            holder[field] = filters
            self._draft.put(LISTENER, name, body)
        self._tell(chain, before, wanted)

    def _wanted(self, chain: PolicyChain, action: str) -> dict[str, RbacPolicy]:
        found = {}
        for one, each in self._new:
            if ACTIONS.get(each.action) != action or each.is_dry_run:
                continue
            want = each.expected(is_tcp=not chain.is_http)
            if want.unknown:
                because = f"{', '.join(want.unknown)}: not rebuilt"
                self._draft.not_rebuilt.append(unknown(self._draft.client, one, because))
            if want.policy is not None:
                found[each.names[0]] = want.policy
        return found

    def _tell(self, chain: PolicyChain, before: Filters, wanted: dict[str, dict[str, RbacPolicy]]) -> None:
        """Of each rule the first chain in which it differs."""
        today = dict(_typed(chain))
        new = {name: policy for some in wanted.values() for name, policy in some.items()}
        rules = {each.names[0]: (one, each) for one, each in self._new}
        gone = {each.names[0] for each in self._old}
        actions = {name: action for one in before if (action := action_of(one)) for name in policies_of(one)}
        for name in dict.fromkeys((*rules, *gone)):
            was, would = today.get(name), new.get(name)
            acts = actions.get(name, ""), next((action for action, some in wanted.items() if name in some), "")
            old_words, new_words = _words(acts[0], was), _words(acts[1], would)
            if name in self._told or old_words == new_words:
                continue
            self._told.add(name)
            owner = rules.get(name)
            self._draft.changes.append(
                Change(
                    proxy=self._draft.client.name,
                    what="policy",
                    name=f"{name} in the {chain}",
                    change=Kind.MADE if was is None else Kind.VANISHES if would is None else Kind.CHANGED,
                    object=_owner(owner, self._old, name),
                    rule=path_text(owner[1].path[1:]) if owner else "",
                    before=old_words,
                    after=new_words,
                    differences=(Difference("policy", new_words, old_words),) if old_words and new_words else (),
                    location=owner[0].item.location.below(owner[1].path) if owner else None,
                    made=chain.location if was is not None else None,
                )
            )


def _typed(chain: PolicyChain) -> Iterator[tuple[str, RbacPolicy]]:

    for _, extension in chain.filters():
        config = extension.config
        if isinstance(config, RBAC) and config.rules:
            yield from config.rules.policies.items()


def _holder(body: Json, chain: PolicyChain) -> tuple[Any, str]:
    """What has the filters that decide about requests, and in which field."""
    here = body
    for part in chain.path:
        here = here[part]
    if found := chain.chain.http:
        return here["filters"][found[0]]["typed_config"], "http_filters"
    return here, "filters"


def _words(action: str, policy: RbacPolicy | None) -> str | None:
    return None if policy is None else f"{action} {words(policy)}"


def _owner(owner: tuple[Policy, AskedRule] | None, old: list[AskedRule], name: str) -> str:
    if owner:
        return str(named(owner[0].item))
    one = next(each for each in old if each.names[0] == name)
    return f"AuthorizationPolicy {one.namespace}/{one.name}"


def unknown(client: Client, one: Policy, because: str) -> NotRebuilt:
    return NotRebuilt(
        object=str(named(one.item)),
        because=because,
        proxy=client.name,
        decides=Reach.INBOUND if client.kind == "sidecar" else Reach.REQUESTS,
        location=one.item.location,
    )
