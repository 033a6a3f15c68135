"""Which kinds of the Gateway API a control plane reads, where the input has its Deployment: flags in its environment decide.

https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars
"""

from __future__ import annotations

from meshscope.effect.configuration import Configuration
from meshscope.effect.istiod_flags import ALL, ALPHA, FALSE, environments, is_true
from meshscope.istio.manifest import Object

_NEEDS_ALPHA = {
    "TCPRoute": ((1, 18), None),
    "TLSRoute": ((1, 18), (1, 30)),
    "BackendTLSPolicy": ((1, 26), (1, 28)),
    "XBackendTrafficPolicy": ((1, 26), None),
    "XBackend": ((1, 32), None),
}
"""From which version on, and up to which, a kind is read with the flag alone."""


def why_unread(configuration: Configuration, kind: str) -> str:
    """In words; "" where the control plane reads the kind, or nothing tells: without its Deployment, of an unknown version, and
    where several Deployments differ.
    """
    return configuration.mesh.derived(("why a kind is unread", kind), lambda: _why_unread(configuration, kind))


def _why_unread(configuration: Configuration, kind: str) -> str:
    if configuration.version is None:
        return ""
    reasons = {_why(configuration, item, env, kind) for item, env in environments(configuration.mesh)}
    return reasons.pop() if len(reasons) == 1 else ""


def _why(configuration: Configuration, item: Object, env: dict[str, str], kind: str) -> str:
    if env.get(ALL, "").lower() in FALSE:
        return f"istiod reads nothing of the Gateway API: {ALL} is false in {item}"
    since, until = _NEEDS_ALPHA.get(kind, (None, None))
    is_asked = since is not None and configuration.is_since(*since) and not (until and configuration.is_since(*until))
    if is_asked and not is_true(env.get(ALPHA, "")):
        return f"istiod reads no {kind}: {ALPHA} is not true in {item}"
    return ""
