"""The document kind of a JSON value from Kubernetes, Istio or ztunnel, by its content alone.

Rules look at an object's keys or at an array's first item, and into one member where keys do not decide. The kind of an
empty value is "".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Raw

from meshscope.istio.raw_json import items_of, members_of, opener

_ENDPOINTS = rb'"(/debug/)?(adsz|syncz|configz|registryz|config_dump)"'


def recognise(value: Raw) -> str:
    """`manifests`, `debug/ENDPOINT`, `mesh_config`, `ztunnel` or `agentgateway`; "" for everything else, Envoy's documents
    among it.

    /debug/endpointz of a new istiod has the form, and here the kind, of endpointShardz. A bare array of objects is
    `debug/configz`.
    """
    from meshscope.istio.recognition.array_rules import ARRAY_RULES  # most runs need no rule:
    from meshscope.istio.recognition.object_rules import OBJECT_RULES  # a recording's manifest names the kinds

    if opener(value) == b"{":
        return _first(OBJECT_RULES, members_of(value))
    items = items_of(value)
    if first := next((members for item in items if (members := members_of(item))), None):
        return _first(ARRAY_RULES, first)
    return "debug/list" if any(re.fullmatch(_ENDPOINTS, bytes(item)) for item in items) else ""


def _first(rules: Mapping[str, Callable[[Mapping[str, Raw]], bool]], members: Mapping[str, Raw]) -> str:
    return next((word for word, holds in rules.items() if holds(members)), "")


_OLD_CLIENTS = rb'\s*\[\s*\{\s*"node"\s*:\s*"[a-z]+~[^"]*~[^"]*"\s*,\s*"addr"'
_VERSION = rb"[\w.+~-]+-[\w.]+-(?:Clean|Modified|unknown)"
"""VERSION-REVISION-STATUS, https://github.com/istio/istio/blob/master/pkg/version/version.go"""


def recognise_text(body: bytes) -> str:
    """`debug/adsz` or `debug/cdsz` for Pilot 1.4's answers, which are often not valid JSON; `version` for /version; else ""."""
    if len(body) < 256 and re.fullmatch(_VERSION, body.strip()):
        return "version"
    if not body.lstrip().startswith(b"[") or not re.match(_OLD_CLIENTS, body[:4096]):
        return ""
    return "debug/cdsz" if b'"Clusters"' in body and b'"listeners"' not in body else "debug/adsz"
