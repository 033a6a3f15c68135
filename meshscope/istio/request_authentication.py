"""Which RequestAuthentication says which tokens of an issuer a workload accepts.

https://istio.io/latest/docs/reference/config/security/request_authentication/ : all that select the workload hold, those of its
namespace and those of the root namespace. istiod calls their providers `origins-0` …, so that the issuer alone leads back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.istio.decoding import decode_slice
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.snapshot.snapshot import Problem

GROUP, KIND = "security.istio.io", "RequestAuthentication"
_GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"


class _Selector(Struct, frozen=True, rename="camel"):
    match_labels: Labels = Labels()


class _JwtRule(Struct, frozen=True):
    issuer: str = ""


class _TargetRef(Struct, frozen=True):
    kind: str = ""
    name: str = ""


class _Spec(Struct, frozen=True, rename="camel"):
    selector: _Selector | None = None
    target_ref: _TargetRef | None = None
    target_refs: tuple[_TargetRef, ...] = ()
    jwt_rules: tuple[_JwtRule, ...] = ()


class _Policy(Struct, frozen=True):
    spec: _Spec = _Spec()


class TokenRule(Struct, frozen=True):
    """`policy` speaks of the issuer in the field at `path`."""

    policy: Object
    path: tuple[str | int, ...]


def rule_of(policies: Iterable[Object], namespace: str, labels: Labels, issuer: str, *, root: str) -> TokenRule | None:
    """Of several the oldest; None where no policy of this workload names the issuer. `root` is the root namespace."""
    found = sorted(_rules(policies, namespace, labels, issuer, root), key=lambda rule: rule.policy.created_at)
    return next(iter(found), None)


def _rules(policies: Iterable[Object], namespace: str, labels: Labels, issuer: str, root: str) -> Iterator[TokenRule]:
    for item in policies:
        policy = decode_slice(item.body, _Policy, item.location.document.name)
        if isinstance(policy, Problem) or (item.namespace or "default") not in (namespace, root):
            continue
        if not _selects(policy.spec, labels):
            continue
        for index, rule in enumerate(policy.spec.jwt_rules):
            if rule.issuer == issuer:
                yield TokenRule(item, ("spec", "jwtRules", index))


def _selects(spec: _Spec, labels: Labels) -> bool:
    """References select gateways of the Gateway API, by the label with the Gateway's name."""
    references = (*((spec.target_ref,) if spec.target_ref else ()), *spec.target_refs)
    if references:
        gateway = labels.get(_GATEWAY_NAME)
        return any(one.kind == "Gateway" and one.name == gateway for one in references)
    return labels.match(spec.selector.match_labels if spec.selector else Labels())
