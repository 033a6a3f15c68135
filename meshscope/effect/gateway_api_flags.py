"""Which kinds of the Gateway API a control plane reads, where the input has its Deployment: flags in its environment decide.

https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.configuration import Configuration
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.workload import GROUP, Workload
from meshscope.istio.manifest import Object

ALL, ALPHA = "PILOT_ENABLE_GATEWAY_API", "PILOT_ENABLE_ALPHA_GATEWAY_API"
_NEEDS_ALPHA = {"TCPRoute": ((1, 18), None), "TLSRoute": ((1, 18), (1, 30)), "BackendTLSPolicy": ((1, 26), (1, 28))}
"""From which version on, and up to which, a kind is read with the flag alone."""
_TRUE, _FALSE = ("1", "t", "true"), ("0", "f", "false")


def why_unread(configuration: Configuration, kind: str) -> str:
    """In words; "" where the control plane reads the kind, or nothing tells: without its Deployment, of an unknown version, and
    where several Deployments differ.
    """
    return configuration.mesh.derived(("why a kind is unread", kind), lambda: _why_unread(configuration, kind))


def _why_unread(configuration: Configuration, kind: str) -> str:
    if configuration.version is None:
        return ""
    reasons = {_why(configuration, item, env, kind) for item, env in _deployments(configuration)}
    return reasons.pop() if len(reasons) == 1 else ""


def _why(configuration: Configuration, item: Object, env: dict[str, str], kind: str) -> str:
    if env.get(ALL, "").lower() in _FALSE:
        return f"istiod reads nothing of the Gateway API: {ALL} is false in {item}"
    since, until = _NEEDS_ALPHA.get(kind, (None, None))
    is_asked = since is not None and configuration.is_since(*since) and not (until and configuration.is_since(*until))
    if is_asked and env.get(ALPHA, "").lower() not in _TRUE:
        return f"istiod reads no {kind}: {ALPHA} is not true in {item}"
    return ""


def _deployments(configuration: Configuration) -> Iterator[tuple[Object, dict[str, str]]]:
    for item in configuration.mesh.objects_of("Deployment", GROUP):
        value = decode(item, Workload) if item.labels.get("app") == "istiod" else None
        if isinstance(value, Workload):
            containers = value.spec.template.spec.containers
            yield item, {one.name: one.value for each in containers for one in each.env}
