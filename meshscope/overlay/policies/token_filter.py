"""The JWT filter that istiod makes of the rules of all RequestAuthentications of a workload, as JSON.

https://github.com/istio/istio/blob/master/pilot/pkg/security/authn/policy_applier.go (convertToEnvoyJwtConfig)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Raw

from meshscope.effect.policies.tokens.provider import Known
from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects.request_authentication import JWTRule
from meshscope.overlay.draft import Json
from meshscope.xds.jwt_authn import (
    JwtClaimToHeader,
    JwtHeader,
    JwtProvider,
    JwtRequirement,
    JwtRequirements,
    NormalizePayload,
    RequirementRule,
)
from meshscope.xds.plain import plain
from meshscope.xds.route_match import RouteMatch

NAME = "envoy.filters.http.jwt_authn"
_TYPE = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"
_DEFAULT_TIMEOUT = "5s"
_EMPTY = Raw(b"{}")
_DELIMITED = ("permission", "scope")
_BEFORE = ("ext_authz", "rbac", "grpc_stats", "fault", "cors", "alpn", "router", "istio.stats", "session")
"""Parts of the names of filters that stand behind it."""
Keys = Mapping[tuple[str, str], Json]
"""What a provider's keys are by issuer and address: `local_jwks` or `remote_jwks` with its value."""


def with_tokens(filters: Sequence[Json], rules: Sequence[JWTRule], keys: Keys, known: Known) -> list[Json]:
    """The HTTP filters of a chain with a JWT filter for these rules; without rules there is none."""
    index = next((number for number, one in enumerate(filters) if is_token_filter(one)), None)
    if index is not None and not rules:
        return [one for one in filters if not is_token_filter(one)]
    if not rules:
        return list(filters)
    today = filters[index]["typed_config"] if index is not None else {"bypass_cors_preflight": True}
    config = {**today, "@type": _TYPE, **_config(rules, keys, known)}
    made = {"name": NAME, "typed_config": config}
    if index is not None:
        return [*filters[:index], {**filters[index], **made}, *filters[index + 1 :]]
    place = next(
        (number for number, one in enumerate(filters) if any(word in one.get("name", "") for word in _BEFORE)),
        len(filters),
    )
    return [*filters[:place], made, *filters[place:]]


def is_token_filter(one: Json) -> bool:
    return bool((one.get("typed_config") or {}).get("@type") == _TYPE)


def uri_of(rule: JWTRule) -> str:
    return rule.jwks_uri or rule.old_jwks_uri


def _config(rules: Sequence[JWTRule], keys: Keys, known: Known) -> Json:
    """Providers are numbered in the order of their issuers; none is needed, and a token has to be a valid one of some."""
    ordered = sorted(rules, key=lambda one: one.issuer)
    providers = {f"origins-{number}": _provider(one, keys, known) for number, one in enumerate(ordered)}
    by_name = [JwtRequirement(provider_name=name) for name in providers]
    alone = [_any(one, JwtRequirement(allow_missing=_EMPTY)) for one in by_name]
    all_missing = JwtRequirement(requires_all=JwtRequirements(requirements=tuple(alone)))
    requires = alone[0] if len(alone) == 1 else _any(*by_name, all_missing)
    return {"providers": providers, "rules": [plain(RequirementRule(match=RouteMatch(prefix="/"), requires=requires))]}


def _any(*requirements: JwtRequirement) -> JwtRequirement:
    return JwtRequirement(requires_any=JwtRequirements(requirements=requirements))


def _provider(rule: JWTRule, keys: Keys, known: Known) -> Json:
    has_claims, has_cookies, is_new = (
        known.control_plane >= (1, 17),
        known.control_plane >= (1, 21),
        known.proxy >= (1, 21),
    )
    spaced = rule.space_delimited_claims if known.control_plane >= (1, 28) else ()
    claims = rule.output_claim_to_headers if has_claims else ()
    provider = JwtProvider(
        issuer=rule.issuer,
        audiences=tuple(rule.audiences),
        forward=bool(rule.forward_original_token),
        from_headers=tuple(JwtHeader(name=one.name, value_prefix=one.prefix) for one in rule.from_headers),
        from_params=tuple(rule.from_params),
        from_cookies=tuple(rule.from_cookies) if has_cookies else (),
        forward_payload_header=rule.output_payload_to_header,
        claim_to_headers=tuple(JwtClaimToHeader(header_name=one.header, claim_name=one.claim) for one in claims),
        payload_in_metadata="payload" if is_new else rule.issuer,
        normalize_payload_in_metadata=NormalizePayload(
            space_delimited_claims=tuple(sorted({*_DELIMITED, *spaced})) if is_new else ()
        ),
    )
    return {**plain(provider), **_keys(rule, keys)}


def _keys(rule: JWTRule, keys: Keys) -> Json:
    """Those that are written, else those that the proxy has today, else unknown ones at their address."""
    if rule.jwks:
        return {"local_jwks": {"inline_string": rule.jwks}}
    uri = uri_of(rule)
    if (known := keys.get((rule.issuer, uri))) is not None:
        return known
    timeout = envoy_duration(rule.timeout) or _DEFAULT_TIMEOUT
    return {"remote_jwks": {"http_uri": {"uri": uri, "cluster": "", "timeout": timeout}}}
