"""How a live source is written, and what is meant by it.

| written | asked |
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
    """ "" is the current context, and every namespace."""

    context: str = ""
    namespace: str = ""


LiveSource = AdminSource | IstiodSource | KubernetesSource
_HTTP = r"(?i)(?P<istiod>istiod\+)?(?P<scheme>https?)://(?P<rest>(?P<host>\[[0-9a-f:.%]+\]|[^/?#:@\s]+)(?P<port>:\d{1,5})?)/*"
_UNIX = r"(?i)http\+unix://(?P<socket>.+)"
_K8S = r"(?i)k8s:(?P<context>.*?)(?:/(?P<namespace>[a-z0-9]([-a-z0-9]*[a-z0-9])?))?"


def live_source(written: str) -> LiveSource:
    """Raises UsageError for what is none of these."""
    if found := re.fullmatch(_HTTP, written):
        base = f"{found['scheme'].lower()}://{found['rest']}"
        return IstiodSource(base) if found["istiod"] else AdminSource(base)
    if found := re.fullmatch(_UNIX, written):
        return AdminSource(f"http+unix://{found['socket']}")
    if found := re.fullmatch(_K8S, written):
        return KubernetesSource(found["context"], found["namespace"] or "")
    raise UsageError(
        f"{written!r} is no address: an admin is http://HOST:15000 (without a path), an istiod istiod+http://HOST:15014"
    )
