"""The `http` rules of a VirtualService with those of its delegates in their places.

https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate , merged as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/model/virtualservice.go, mergeVirtualServicesIfNeeded).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.istio.labels import Labels
from meshscope.istio.objects.http_route import HTTPMatchRequest, HTTPRoute, StringMatch
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.path import Path

FindDelegate = Callable[[str, str], VirtualService | None]
"""A VirtualService by namespace and name, None where it does not exist or is not exported to the root's namespace."""
_INHERITED = (
    "rewrite", "direct_response", "timeout", "retries", "fault", "mirror", "mirrors", "mirror_percent", "mirror_percentage",
    "cors_policy", "headers",
)  # fmt: skip

MOST_PAIRS = 100_000
"""Of the matches of one VirtualService with those of its delegates: no proxy holds as many routes of one host."""


class Rule(Struct, frozen=True):
    """One `http` rule as routes are made of it. `path` leads to it in the root's spec; short names of its destinations are of
    `namespace`. `delegate` names the VirtualService that it is of, "" where that is the root, and `origin` leads to it there;
    `problem` is why that gives none, or with `is_open` why it is not worked out.
    """

    path: Path
    route: HTTPRoute
    namespace: str
    delegate: str = ""
    origin: Path = ()
    problem: str = ""
    is_open: bool = False


def rules_of(spec: VirtualService, namespace: str, find: FindDelegate) -> Iterator[Rule]:
    """In the order in which istiod makes routes of them. A rule whose delegate gives none has a problem, and no routes."""
    merged_pairs = 0
    for index, route in enumerate(spec.spec.http):
        path: Path = ("spec", "http", index)
        if route.delegate is None:
            yield Rule(path, route, namespace)
            continue
        place, name = route.delegate.namespace or namespace, route.delegate.name
        named = f"VirtualService {place}/{name}"
        delegate = find(place, name)
        if delegate is None:
            yield Rule(path, route, place, named, problem=f"delegate {place}/{name} does not exist")
        elif delegate.spec.hosts:
            yield Rule(path, route, place, named, problem=f"delegate {place}/{name} has hosts of its own")
        elif (merged_pairs := merged_pairs + _pairs(route, delegate)) > MOST_PAIRS:
            because = (
                f"its matches with those of its delegates are more than {MOST_PAIRS:,} pairs, which are not worked out"
            )
            yield Rule(path, route, place, named, problem=because, is_open=True)
        else:
            merged = [Rule(path, one, place, named, origin) for origin, one in _merged(route, delegate)]
            conflict = f"no match of delegate {place}/{name} fits one of this rule"
            yield from merged or [Rule(path, route, place, named, problem=conflict)]


def _pairs(root: HTTPRoute, delegate: VirtualService) -> int:
    return max(len(root.match), 1) * sum(max(len(leaf.match), 1) for leaf in delegate.spec.http)


def _merged(root: HTTPRoute, delegate: VirtualService) -> Iterator[tuple[Path, HTTPRoute]]:
    """With the path of each in the delegate."""
    for index, leaf in enumerate(delegate.spec.http):
        matches = _matches(root.match, leaf.match)
        if matches is None:
            continue
        inherited = {
            field: getattr(root, field) for field in _INHERITED if not getattr(leaf, field) and getattr(root, field)
        }
        name = "-".join(part for part in (root.name, leaf.name) if part)
        yield ("spec", "http", index), replace(leaf, name=name, match=matches, delegate=None, **inherited)


def _matches(
    roots: tuple[HTTPMatchRequest, ...], leaves: tuple[HTTPMatchRequest, ...]
) -> tuple[HTTPMatchRequest, ...] | None:
    """The pairs that fit; None where some match of the delegate fits none of the root's, which drops its whole rule."""
    if not roots or not leaves:
        return roots or leaves
    merged = []
    for leaf in leaves:
        fitting = [_pair(root, leaf) for root in roots if _fits(root, leaf)]
        if not fitting:
            return None
        merged += fitting
    return tuple(merged)


def _pair(root: HTTPMatchRequest, leaf: HTTPMatchRequest) -> HTTPMatchRequest:
    return replace(
        leaf,
        name="-".join(part for part in (root.name, leaf.name) if part),
        uri=leaf.uri or root.uri,
        scheme=leaf.scheme or root.scheme,
        method=leaf.method or root.method,
        authority=leaf.authority or root.authority,
        headers={**root.headers, **leaf.headers},
        without_headers={**root.without_headers, **leaf.without_headers},
        query_params={**root.query_params, **leaf.query_params},
        port=leaf.port or root.port,
        gateways=leaf.gateways or root.gateways,
        source_labels=Labels(sorted({**dict(root.source_labels), **dict(leaf.source_labels)}.items())),
        source_namespace=leaf.source_namespace or root.source_namespace,
        stat_prefix=leaf.stat_prefix or root.stat_prefix,
    )


def _fits(root: HTTPMatchRequest, leaf: HTTPMatchRequest) -> bool:
    pairs = [
        (root.uri, leaf.uri),
        (root.scheme, leaf.scheme),
        (root.method, leaf.method),
        (root.authority, leaf.authority),
    ]
    for field in ("headers", "without_headers", "query_params"):
        mine, theirs = getattr(root, field), getattr(leaf, field)
        pairs += [(value, theirs.get(key)) for key, value in mine.items()]
    labels = dict(leaf.source_labels)
    return (
        all(_narrows(one, other) for one, other in pairs)
        and root.ignore_uri_case == leaf.ignore_uri_case
        and not (root.port and leaf.port and root.port != leaf.port)
        and not (root.source_namespace and root.source_namespace != leaf.source_namespace)
        and all(labels.get(key, value) == value for key, value in root.source_labels)
        and not (root.gateways and leaf.gateways and not set(leaf.gateways) <= set(root.gateways))
    )


def _narrows(root: StringMatch | None, leaf: StringMatch | None) -> bool:
    """Whether what the delegate asks lies within what the root asks; a regular expression of either cannot be compared."""
    if root is None or leaf is None:
        return True
    if root.regex is not None or leaf.regex is not None:
        return False
    if root.exact is not None:
        return leaf.exact == root.exact
    if root.prefix is not None:
        text = leaf.prefix if leaf.prefix is not None else leaf.exact
        return text is not None and text.startswith(root.prefix)
    return True
