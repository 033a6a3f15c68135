"""Which namespaces a listener takes routes of, and a Gateway ListenerSets.

https://gateway-api.sigs.k8s.io/reference/spec/#routenamespaces
"""

from __future__ import annotations

from meshscope.effect.gateway_api.sources import NAMESPACE_NAME, Sources
from meshscope.istio.gateway_api.gateway import ListenerNamespaces
from meshscope.istio.gateway_api.listener import RouteNamespaces
from meshscope.istio.kubernetes.label_selector import LabelSelector
from meshscope.istio.labels import Labels

ALL, NONE = "*", "~"


def allowed(sources: Sources, asked: RouteNamespaces | ListenerNamespaces, own: str) -> tuple[str, ...]:
    """Names, ALL, or nothing. `own` is the namespace of the listener."""
    if asked.from_ == "All":
        return (ALL,)
    if asked.from_ == "Same":
        return (own,)
    if asked.from_ != "Selector":
        return ()
    if asked.selector is None:
        return (ALL,) if isinstance(asked, RouteNamespaces) else ()
    return tuple(name for name, labels in sorted(sources.namespaces.items()) if asked.selector.selects(labels))


def is_unknown(sources: Sources, asked: RouteNamespaces | ListenerNamespaces, namespace: str) -> bool:
    """Whether the selector asks for labels of a namespace whose labels are not in the input."""
    if asked.from_ != "Selector" or asked.selector is None or namespace in sources.labelled_namespaces:
        return False
    return _asks_for_more(asked.selector)


def _asks_for_more(selector: LabelSelector) -> bool:
    keys = {key for key, _ in Labels(selector.match_labels)} | {one.key for one in selector.match_expressions}
    return bool(keys - {NAMESPACE_NAME})
