"""Clusters and listeners that a patch adds or removes as a whole."""

from __future__ import annotations

import copy

from meshscope.envoy.resource import CLUSTER, LISTENER
from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.draft import Draft
from meshscope.overlay.patches.applying import touches
from meshscope.overlay.patches.lists import context_of
from meshscope.overlay.patches.merging import alike
from meshscope.overlay.patches.named import names_of
from meshscope.overlay.patches.sequence import Patched
from meshscope.overlay.patches.telling import REACH, WHAT, note, tell

_WHOLE = {"CLUSTER": CLUSTER, "LISTENER": LISTENER}


def is_of_whole(one: Patched) -> bool:
    return one.operation in ("ADD", "REMOVE") and one.apply_to in _WHOLE


def with_whole(draft: Draft, one: Patched) -> None:
    """A patch that comes; one of other parts changes nothing."""
    if not is_of_whole(one):
        return
    kind, name = _WHOLE[one.apply_to], str(one.value.get("name", ""))
    if one.operation == "REMOVE":
        is_gateway = draft.client.kind == "gateway"
        for each in names_of(draft, kind, [one]):
            body = draft.body(kind, each)
            if body is not None and touches(one, kind, body, context_of(kind, body, is_gateway=is_gateway)):
                _drop(draft, kind, each, one)
    elif draft.body(kind, name) is not None or not name:
        note(draft, one, f"the proxy has a {WHAT[kind]} {name} already", REACH[kind], name)
    else:
        draft.put(kind, name, copy.deepcopy(one.value))
        tell(draft, kind, name, (one,), Kind.MADE)


def without_whole(draft: Draft, one: Patched) -> None:
    """A patch that goes; one of other parts changes nothing."""
    if not is_of_whole(one):
        return
    kind, name = _WHOLE[one.apply_to], str(one.value.get("name", ""))
    if one.operation == "REMOVE":
        only = one.wanted.cluster.name if one.wanted.cluster else ""
        because = f"which {WHAT[kind]}s it has removed is not known"
        note(draft, one, because, Reach.CLUSTER if only else Reach.REQUESTS, only)
        return
    body = draft.body(kind, name)
    if body is not None and alike(body, one.value):
        _drop(draft, kind, name, one)
    elif body is not None:
        note(draft, one, f"{WHAT[kind]} {name} is today not what it adds", REACH[kind], name)


def _drop(draft: Draft, kind: str, name: str, one: Patched) -> None:
    if kind == CLUSTER:
        body = draft.body(kind, name) or {}
        draft.remove_cluster(name, (body.get("eds_cluster_config") or {}).get("service_name") or name)
    else:
        draft.remove(kind, name)
    tell(draft, kind, name, (one,), Kind.VANISHES)
