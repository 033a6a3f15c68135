"""One patch of an EnvoyFilter applied to a resource, and taken back where what was before is known.

https://github.com/istio/istio/tree/master/pilot/pkg/networking/core/envoyfilter
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from meshscope.envoy.unknown_fields import first_unknown
from meshscope.overlay.patches.lists import Members, has_anchor, is_one, matching
from meshscope.overlay.patches.merging import Json, UnmergeableError, alike, merged, merged_filter
from meshscope.overlay.patches.sequence import Patched

ADDING = ("ADD", "INSERT_FIRST", "INSERT_BEFORE", "INSERT_AFTER")
_FILTERS = ("LISTENER_FILTER", "NETWORK_FILTER", "HTTP_FILTER")
_REPLACED = (*_FILTERS, "VIRTUAL_HOST")
_INSERTED = (*_FILTERS, "HTTP_ROUTE")
MESSAGES = {
    "CLUSTER": "envoy.config.cluster.v3.Cluster",
    "LISTENER": "envoy.config.listener.v3.Listener",
    "LISTENER_FILTER": "envoy.config.listener.v3.ListenerFilter",
    "FILTER_CHAIN": "envoy.config.listener.v3.FilterChain",
    "NETWORK_FILTER": "envoy.config.listener.v3.Filter",
    "HTTP_FILTER": "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
    "ROUTE_CONFIGURATION": "envoy.config.route.v3.RouteConfiguration",
    "VIRTUAL_HOST": "envoy.config.route.v3.VirtualHost",
    "HTTP_ROUTE": "envoy.config.route.v3.Route",
}
_SOCKET = "transport_socket"


class UnknownResultError(Exception):
    """Why it is not known what a patch gives, or what was before it."""


def is_effective(patch: Patched) -> bool:
    """Whether istiod knows the operation for parts of the kind; any other changes nothing."""
    operation, kind = patch.operation, patch.apply_to
    if operation == "MERGE":
        return True
    if kind == "ROUTE_CONFIGURATION":
        return False
    if operation == "REPLACE":
        return kind in _REPLACED and (kind == "VIRTUAL_HOST" or has_anchor(patch))
    if operation == "REMOVE":
        return kind not in _FILTERS or has_anchor(patch)
    return operation == "ADD" or (operation in ADDING and kind in _INSERTED)


def why_invalid(patch: Patched) -> str:
    """Of the value: istiod leaves out fields that its message does not have, or the whole patch; "" for one that reads."""
    name = first_unknown(patch.value, MESSAGES[patch.apply_to])
    return f"its value has a field that Envoy does not have: {name}" if name else ""


def touches(patch: Patched, kind: str, body: Json, context: str) -> bool:
    """Whether it would change something of the resource."""
    return is_effective(patch) and any(_has_room(patch, one) for one in matching(patch, kind, body, context))


def may_have_touched(patch: Patched, kind: str, body: Json, context: str) -> bool:
    """Whether it may have changed something of a resource that it was applied to: what it removed is not seen."""
    if patch.operation == "REMOVE" and is_effective(patch):
        return any(one.key for one in matching(patch, kind, body, context))
    return touches(patch, kind, body, context)


def _has_room(patch: Patched, one: Members) -> bool:
    if patch.operation in ADDING and not (patch.operation in ("INSERT_BEFORE", "INSERT_AFTER") and has_anchor(patch)):
        return bool(one.key)  # a resource of its own is no member of a list
    return any(is_one(patch, each) for each in one.items)


def apply(patch: Patched, kind: str, body: Json, context: str) -> None:
    """Changes the body, of which nothing may be anybody else's. Raises UnknownResultError."""
    for one in list(matching(patch, kind, body, context)):
        if not _has_room(patch, one):
            continue
        try:
            _OPERATIONS[patch.operation](patch, one)
        except UnmergeableError as error:
            raise UnknownResultError(str(error)) from None


def take_back(patch: Patched, kind: str, body: Json, context: str) -> None:
    """The same the other way round: what was added is what stands there. Raises UnknownResultError."""
    for one in list(matching(patch, kind, body, context)):
        if patch.operation not in ADDING:
            if _has_room(patch, one) or patch.operation == "REMOVE":
                raise UnknownResultError(f"what was there before {patch.operation} is not known")
            continue
        if not _has_room(patch, one):
            continue
        same = [number for number, each in enumerate(one.items) if alike(each, patch.value)]
        if len(same) != 1:
            count = "none" if not same else "several"
            raise UnknownResultError(f"of what it adds today's proxy has {count}")
        items = one.items
        del items[same[0]]
        one.put(items)


def _add(patch: Patched, one: Members) -> None:
    items, value = one.items, copy.deepcopy(patch.value)
    anchors = [number for number, each in enumerate(items) if is_one(patch, each)] if has_anchor(patch) else []
    at = {
        "ADD": len(items),
        "INSERT_FIRST": 0,
        "INSERT_BEFORE": anchors[0] if anchors else 0,
        "INSERT_AFTER": anchors[0] + 1 if anchors else len(items),
    }[patch.operation]
    _keep_last(patch, items, at)
    one.put([*items[:at], value, *items[at:]])


def _keep_last(patch: Patched, items: list[Json], at: int) -> None:
    """Envoy refuses a chain whose last filter does not end it."""
    if patch.apply_to in ("NETWORK_FILTER", "HTTP_FILTER") and items and at == len(items):
        last = items[-1].get("name", "")
        raise UnknownResultError(
            f"it would stand behind {last}, which must be the last one: Envoy refuses such a listener"
        )


def _remove(patch: Patched, one: Members) -> None:
    if not one.key:
        raise UnknownResultError("a default filter chain that goes is not rebuilt")
    one.put([each for each in one.items if not is_one(patch, each)])


def _replace(patch: Patched, one: Members) -> None:
    matched = [number for number, each in enumerate(one.items) if is_one(patch, each)]
    if len(matched) > 1 and patch.apply_to in _FILTERS:
        raise UnknownResultError("several filters of one list have the name that it replaces")
    one.put([copy.deepcopy(patch.value) if number in matched else each for number, each in enumerate(one.items)])


def _merge(patch: Patched, one: Members) -> None:
    if _SOCKET in patch.value:
        raise UnknownResultError("how a transport_socket is merged is not rebuilt")
    items = [_merged(patch, each) if is_one(patch, each) else each for each in one.items]
    if one.key:
        one.put(items)
    else:
        whole = items[0]
        one.holder.clear()
        one.holder.update(whole)


def _merged(patch: Patched, member: Json) -> Json:
    value = copy.deepcopy(patch.value)
    if patch.apply_to in _FILTERS:
        return merged_filter(member, value)
    return merged(member, value, MESSAGES[patch.apply_to])


_OPERATIONS: dict[str, Callable[[Patched, Members], None]] = {
    **dict.fromkeys(ADDING, _add),
    "REMOVE": _remove,
    "REPLACE": _replace,
    "MERGE": _merge,
}
