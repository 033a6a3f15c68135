"""The JWT filter that istiod makes of the rules of all RequestAuthentications of a workload, as JSON.

https://github.com/istio/istio/blob/master/pilot/pkg/security/authn/policy_applier.go (convertToEnvoyJwtConfig)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from meshscope.effect.policies.tokens.provider import Known
from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects.request_authentication import JWTRule
from meshscope.overlay.draft import Json

NAME = "envoy.filters.http.jwt_authn"
_TYPE = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"
_DEFAULT_TIMEOUT = "5s"
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


def _config(rules: Sequence[JWTRule], keys: Keys, known: Known) -> dict[str, Any]:
    """Providers are numbered in the order of their issuers; none is needed, and a token has to be a valid one of some."""
    ordered = sorted(rules, key=lambda one: one.issuer)
    providers = {f"origins-{number}": _provider(one, keys, known) for number, one in enumerate(ordered)}
    alone = [_any([{"provider_name": name}, {"allow_missing": {}}]) for name in providers]
    several = [*({"provider_name": name} for name in providers), {"requires_all": {"requirements": alone}}]
    requires = alone[0] if len(alone) == 1 else _any(several)
    return {"providers": providers, "rules": [{"match": {"prefix": "/"}, "requires": requires}]}


def _any(requirements: list[Json]) -> Json:
    return {"requires_any": {"requirements": requirements}}


def _provider(rule: JWTRule, keys: Keys, known: Known) -> Json:
    found: dict[str, Any] = {"issuer": rule.issuer, **_keys(rule, keys)}
    headers = [{"name": one.name, **({"value_prefix": one.prefix} if one.prefix else {})} for one in rule.from_headers]
    claims = [{"header_name": one.header, "claim_name": one.claim} for one in rule.output_claim_to_headers]
    cookies = rule.from_cookies if known.control_plane >= (1, 21) else ()
    members: dict[str, Any] = {
        "audiences": list(rule.audiences),
        "forward": rule.forward_original_token,
        "from_headers": headers,
        "from_params": list(rule.from_params),
        "from_cookies": list(cookies),
        "forward_payload_header": rule.output_payload_to_header,
        "claim_to_headers": claims if known.control_plane >= (1, 17) else [],
    }
    found |= {name: value for name, value in members.items() if value}
    found["payload_in_metadata"] = "payload" if known.proxy >= (1, 21) else rule.issuer
    if known.proxy >= (1, 21):
        claims_with_spaces = rule.space_delimited_claims if known.control_plane >= (1, 28) else ()
        names = sorted({*_DELIMITED, *claims_with_spaces})
        found["normalize_payload_in_metadata"] = {"space_delimited_claims": names}
    return found


def _keys(rule: JWTRule, keys: Keys) -> Json:
    """Those that are written, else those that the proxy has today, else some that nobody has seen."""
    if rule.jwks:
        return {"local_jwks": {"inline_string": rule.jwks}}
    uri = uri_of(rule)
    if (known := keys.get((rule.issuer, uri))) is not None:
        return known
    timeout = envoy_duration(rule.timeout) or _DEFAULT_TIMEOUT
    return {"remote_jwks": {"http_uri": {"uri": uri, "cluster": "", "timeout": timeout}}}
