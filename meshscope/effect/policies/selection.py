"""Which policies apply to a workload: by namespace and selector, or by what they are attached to.

https://istio.io/latest/docs/reference/config/type/workload-selector/ and
https://github.com/istio/istio/blob/master/pilot/pkg/model/policyattachment.go
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import NETWORKING, Configuration
from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference

GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"
_GATEWAY_API = "gateway.networking.k8s.io"


class Attached(Protocol):
    """The spec of a policy, as far as it says what the policy applies to."""

    @property
    def selector(self) -> PolicySelector | None: ...
    @property
    def target_ref(self) -> PolicyTargetReference | None: ...
    @property
    def target_refs(self) -> tuple[PolicyTargetReference, ...]: ...


class Selection(Struct, frozen=True):
    """`is_selected` is None where it is not modelled; `because` is the reason where the policy does not apply for sure."""

    is_selected: bool | None = True
    because: str = ""


def selection(configuration: Configuration, namespace: str, spec: Attached, client: Client) -> Selection:
    """Of a policy in `namespace` for a sidecar or a gateway."""
    root = configuration.settings.root_namespace
    if namespace not in (client.namespace, root):
        return Selection(is_selected=False, because=f"it is for workloads of namespace {namespace}")
    if refs := attached_to(configuration, spec):
        return _attached(configuration, namespace, refs, client)
    because = not_selected(spec.selector, client)
    return Selection(is_selected=not because, because=because)


def not_selected(selector: PolicySelector | None, client: Client) -> str:
    """The labels that the selector asks and the proxy lacks; "" where it selects the proxy."""
    wanted = selector.match_labels if selector else ()
    lacking = [
        f"{key}={value}" for key, value in wanted if client.labels.get(key) != value or not client.labels.has(key)
    ]
    return f"its selector asks for {', '.join(lacking)}, which the proxy does not have" if lacking else ""


def attached_to(configuration: Configuration, spec: Attached) -> tuple[PolicyTargetReference, ...]:
    """Control planes before 1.20 and 1.22 do not know the fields, and their API server drops them."""
    if spec.target_refs and configuration.is_since(1, 22):
        return spec.target_refs
    return (spec.target_ref,) if spec.target_ref and configuration.is_since(1, 20) else ()


def _attached(
    configuration: Configuration, namespace: str, refs: tuple[PolicyTargetReference, ...], client: Client
) -> Selection:
    gateway = client.labels.get(GATEWAY_NAME)
    names = ", ".join(f"{ref.kind} {ref.name}" for ref in refs)
    if client.kind == "gateway" and configuration.is_since(1, 32) and any(_is_new(ref) for ref in refs):
        return Selection(is_selected=None, because=f"policies attached to {names} are not modelled")
    if not gateway:
        because = f"it is attached to {names}, which sidecars and Istio's own gateways ignore"
        return Selection(is_selected=False, because=because)
    if any(_is_it(ref, gateway, namespace, client.namespace) for ref in refs):
        return Selection()
    return Selection(is_selected=False, because=f"it is attached to {names}; the proxy is of Gateway {gateway}")


def _is_new(ref: PolicyTargetReference) -> bool:
    return ref.group == NETWORKING or ref.kind == "HTTPRoute"


def _is_it(ref: PolicyTargetReference, gateway: str, namespace: str, own: str) -> bool:
    is_there = namespace == own and ref.namespace in ("", own)
    return is_there and (ref.group, ref.kind, ref.name) == (_GATEWAY_API, "Gateway", gateway)
