"""The notation of live sources.

| notation | source |
|---|---|
| `http://HOST:15000`, `https://…`, `http+unix://SOCKET` | an Envoy's admin, or a ztunnel's |
| `istiod+http://HOST:15014`, `istiod+https://…` | an istiod (Pilot) |
| `k8s:`, `k8s:CONTEXT`, `k8s:CONTEXT/NAMESPACE` | a cluster |
"""

from __future__ import annotations

import re

from msgspec import Struct

from meshscope.errors import UsageError


class AdminSource(Struct, frozen=True):
    base: str


class IstiodSource(Struct, frozen=True):
    base: str


class KubernetesSource(Struct, frozen=True):
    """An empty `context` is the current one, an empty `namespace` all of them."""

    context: str = ""
    namespace: str = ""


LiveSource = AdminSource | IstiodSource | KubernetesSource
_HTTP = r"(?i)(?P<istiod>istiod\+)?(?P<scheme>https?)://(?P<rest>(?P<host>\[[0-9a-f:.%]+\]|[^/?#:@\s]+)(?P<port>:[0-9]{1,5})?)/*"
LAST_PORT = 65535
_UNIX = r"(?i)http\+unix://(?P<socket>.+)"
_K8S = r"(?i)k8s:(?P<context>.*?)(?:/(?P<namespace>[a-z0-9]([-a-z0-9]*[a-z0-9])?))?"


def live_source(text: str) -> LiveSource:
    """Raises UsageError for any other text."""
    if match := re.fullmatch(_HTTP, text):
        if match["port"] and not 0 < int(match["port"][1:]) <= LAST_PORT:
            raise UsageError(f"{text!r} is not an address: a port is a number from 1 to {LAST_PORT}")
        base = f"{match['scheme'].lower()}://{match['rest']}"
        return IstiodSource(base) if match["istiod"] else AdminSource(base)
    if match := re.fullmatch(_UNIX, text):
        return AdminSource(f"http+unix://{match['socket']}")
    if match := re.fullmatch(_K8S, text):
        return KubernetesSource(match["context"], match["namespace"] or "")
    raise UsageError(
        f"{text!r} is not an address: an admin is http://HOST:15000 (without a path), an istiod istiod+http://HOST:15014"
    )
