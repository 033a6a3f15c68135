"""Policies of the network below the proxies, which a CNI enforces: which pods they select for what comes in.

https://kubernetes.io/docs/concepts/services-networking/network-policies/ and https://docs.cilium.io/en/stable/security/policy/
"""

from __future__ import annotations

from msgspec import Struct, field

from meshscope.istio.decoding import decode_slice
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.snapshot.snapshot import Problem

KINDS = (
    ("networking.k8s.io", "NetworkPolicy"),
    ("cilium.io", "CiliumNetworkPolicy"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("crd.projectcalico.org", "NetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("projectcalico.org", "NetworkPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
)
"""Group and kind."""


class _Expression(Struct, frozen=True):
    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()

    def holds(self, labels: Labels) -> bool:
        if self.operator in ("Exists", "DoesNotExist"):
            return labels.has(self.key) == (self.operator == "Exists")
        is_in = labels.has(self.key) and labels.get(self.key) in self.values
        return is_in == (self.operator == "In")


class _Selector(Struct, frozen=True, rename="camel"):
    match_labels: Labels = Labels()
    match_expressions: tuple[_Expression, ...] = ()

    def selects(self, labels: Labels) -> bool:
        wanted = Labels((_bare(key), value) for key, value in self.match_labels)
        return labels.match(wanted) and all(
            _Expression(_bare(one.key), one.operator, one.values).holds(labels) for one in self.match_expressions
        )


class _Spec(Struct, frozen=True, rename="camel"):
    pod_selector: _Selector | None = None
    endpoint_selector: _Selector | None = None
    selector: str | None = None
    policy_types: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


class _Policy(Struct, frozen=True):
    spec: _Spec = field(default=_Spec())


def selects(item: Object, namespace: str, labels: Labels) -> bool | None:
    """Whether a policy of these kinds selects a pod for what comes in; None where its selector is not understood."""
    if item.kind in ("NetworkPolicy", "CiliumNetworkPolicy") and (item.namespace or "default") != namespace:
        return False
    policy = decode_slice(item.body, _Policy, item.location.document.name, str(item))
    if isinstance(policy, Problem):
        return None
    spec = policy.spec
    directions = spec.policy_types or spec.types
    if directions and "Ingress" not in directions:
        return False
    if item.group == "cilium.io":
        return spec.endpoint_selector.selects(labels) if spec.endpoint_selector else None
    if item.group == "networking.k8s.io":
        return (spec.pod_selector or _Selector()).selects(labels)
    return True if spec.selector in ("", "all()") else None


def _bare(key: str) -> str:
    """Cilium writes where a label comes from before its key."""
    return key.removeprefix("k8s:").removeprefix("any:")
