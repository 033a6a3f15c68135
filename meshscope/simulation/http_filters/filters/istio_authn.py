"""`istio_authn` (Istio up to 1.23): requires a peer or a token by its policy, and writes their identities for RBAC.

https://github.com/istio/proxy/tree/release-1.14/src/envoy/http/authn
`jwt_authn` has verified the tokens before; its metadata contains each payload under the issuer's name.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.hints import CLAIMS
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    ends,
    passes,
)
from meshscope.simulation.http_filters.jwt.effects import METADATA as JWT_METADATA
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.rbac.facts import HINTS, NO_IDENTITY
from meshscope.xds.istio_filters import AuthnPolicy, IstioAuthn

METADATA = "istio_authn"
_SPLIT_AT_SPACES = ("scope", "permission")


def make(entry: FilterEntry, own: Configuration, _overrides: tuple[Configuration, ...]) -> Filter:
    config = own.message
    if not isinstance(config, IstioAuthn):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    policy = config.policy

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        peer = _peer(context)
        if peer is None:
            return assumed_to_pass(request, entry, NO_IDENTITY, HINTS[NO_IDENTITY])
        if not peer and _requires_peer(policy):
            response = local_reply(request, 401, "")
            return ends(Disposition.DENIED, response, entry, "peer authentication failed: no client certificate")
        origin = _origin(policy, request, context)
        if policy.origins and not origin and not policy.origin_is_optional:
            response = local_reply(request, 401, "")
            return ends(
                Disposition.DENIED, response, entry, "origin authentication failed: no valid token", hint=CLAIMS
            )
        values = _attributes(policy, peer if policy.peers else "", origin)
        names = filter(None, (values.get("source.user", ""), values.get("request.auth.principal", "")))
        because = f"authenticated: {' and '.join(names) or 'no identity'}"
        return passes(with_metadata(request, METADATA, values), context, entry, because)

    return run


def _peer(context: FilterContext) -> str | None:
    """The client's identity without `spiffe://`; "" without a certificate, None where it is unknown."""
    peer = context.connection.peer
    if not context.is_secured or peer.presented is False:
        return ""
    if peer.presented is None or not peer.uri_sans:
        return None
    return peer.uri_sans[0].removeprefix("spiffe://")


def _requires_peer(policy: AuthnPolicy) -> bool:
    """One of the methods is enough, and a permissive one needs no certificate."""
    permissive = any(one.mtls is not None and one.mtls.get("mode") == "PERMISSIVE" for one in policy.peers)
    return bool(policy.peers) and not policy.peer_is_optional and not permissive


def _origin(policy: AuthnPolicy, request: HttpRequest, context: FilterContext) -> dict[str, Any]:
    """The payload of the first token from an issuer among the origins; {} without one."""
    payloads = request.metadata.get(JWT_METADATA, {})
    for method in policy.origins:
        issuer = (method.jwt or {}).get("issuer", "")
        payload = payloads.get(issuer)
        if isinstance(payload, dict):
            return payload
        if context.options.claims is not None and context.options.claims.get("iss", issuer) == issuer:
            return context.options.claims
    return {}


def _attributes(policy: AuthnPolicy, peer: str, origin: dict[str, Any]) -> dict[str, Any]:
    """The attributes that RBAC and telemetry read."""
    user = f"{origin.get('iss', '')}/{origin.get('sub', '')}" if origin else ""
    namespace = re.search(r"/ns/([^/]+)/", peer)
    audience = origin.get("aud", "")
    attributes = {
        "source.principal": user if policy.principal_binding == "USE_ORIGIN" else peer,
        "source.user": peer,
        "source.namespace": namespace[1] if namespace else "",
        "request.auth.principal": user,
        "request.auth.audiences": audience if isinstance(audience, str) else ",".join(map(str, audience)),
        "request.auth.presenter": origin.get("azp", ""),
        "request.auth.claims": _as_lists(origin),
        "request.auth.raw_claims": msgspec.json.encode(origin).decode() if origin else "",
    }
    return {name: value for name, value in attributes.items() if value}


def _as_lists(claims: dict[str, Any]) -> dict[str, Any]:
    """Texts and lists as lists of texts; objects keep their nesting; numbers, booleans and nulls are left out."""
    lists: dict[str, Any] = {}
    for name, value in claims.items():
        if isinstance(value, dict):
            lists[name] = _as_lists(value)
        elif isinstance(value, str):
            lists[name] = value.split() if name in _SPLIT_AT_SPACES else [value]
        elif isinstance(value, list):
            lists[name] = [str(item) for item in value]
    return lists
