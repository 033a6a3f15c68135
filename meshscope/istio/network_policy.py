"""Policies of the network below the proxies, which a CNI enforces: which pods they select for what comes in.

https://kubernetes.io/docs/concepts/services-networking/network-policies/ and https://docs.cilium.io/en/stable/security/policy/
"""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from meshscope.istio.decoding import decode_slice
from meshscope.istio.kubernetes.label_selector import LabelSelector
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


class _Spec(Struct, frozen=True, rename="camel"):
    pod_selector: LabelSelector | None = None
    endpoint_selector: LabelSelector | None = None
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
        return _bare(spec.endpoint_selector).selects(labels) if spec.endpoint_selector else None
    if item.group == "networking.k8s.io":
        return (spec.pod_selector or LabelSelector()).selects(labels)
    return True if spec.selector in ("", "all()") else None


def _bare(selector: LabelSelector) -> LabelSelector:
    """Cilium writes where a label comes from before its key."""
    return LabelSelector(
        Labels((_bare_key(key), value) for key, value in selector.match_labels),
        tuple(replace(one, key=_bare_key(one.key)) for one in selector.match_expressions),
    )


def _bare_key(key: str) -> str:
    return key.removeprefix("k8s:").removeprefix("any:")
