"""Tokens as Envoy parses them; every row of these tables is the answer of an Envoy 1.40."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from meshscope.simulation.endings import End
from meshscope.simulation.hints import CLAIMS
from meshscope.simulation.http_filters.filter import Reroute

from ..walks import (
    GRPC,
    access_log,
    answer,
    context,
    entry,
    filter_list,
    only,
    outcomes,
    request,
    request_after,
    scope,
    typed,
)

NOW = 1_790_000_000
AT = context(at="2026-09-21T14:13:20Z")
FORM = "Jwt_is_not_in_the_form_of_Header.Payload.Signature_with_two_dots_and_3_sections"
HMAC = b"0123456789abcdef0123456789abcdef"
FIRST, SECOND = (rsa.generate_private_key(65537, 2048) for _ in range(2))
CURVE, EDWARDS = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()


def key(algorithm: Any, private: Any, **more: str) -> dict[str, Any]:
    jwk = json.loads(algorithm.to_jwk(private.public_key()))
    return {**{name: value for name, value in jwk.items() if name != "key_ops"}, **more}


HMAC_KEY = {"kty": "oct", "kid": "h", "alg": "HS256", "k": urlsafe_b64encode(HMAC).decode().rstrip("=")}
KEYS = [
    key(RSAAlgorithm, FIRST, kid="r", alg="RS256"),
    key(ECAlgorithm, CURVE, kid="e"),
    key(OKPAlgorithm, EDWARDS, kid="d"),
    HMAC_KEY,
]
ONE: dict[str, Any] = {
    "issuer": "i1",
    "audiences": ["a1", "https://a2.com/"],
    "local_jwks": {"inline_string": json.dumps({"keys": KEYS})},
}
TWO: dict[str, Any] = {
    "issuer": "i2",
    "local_jwks": {"inline_string": json.dumps({"keys": [key(RSAAlgorithm, SECOND)]})},
    "forward": True,
}


@cache
def token(kind: str = "RS256", kid: str = "r", key_of: str = "first", **changes: Any) -> str:
    keys: dict[str, Any] = {"first": FIRST, "second": SECOND, "curve": CURVE, "edwards": EDWARDS, "hmac": HMAC}
    claims = {"iss": "i1", "sub": "s", "aud": "a1", "exp": NOW + 3600, **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, keys[key_of], algorithm=kind, headers={"kid": kid} if kid else None)


def raw(header: str, payload: str, signature: str = "c2ln") -> str:
    first, second = (urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, payload))
    return f"{first}.{second}.{signature}"


def rule(required: dict[str, Any], **match: Any) -> dict[str, Any]:
    return {"match": {"prefix": "/", **match}, "requires": required}


def named(name: str) -> dict[str, Any]:
    return {"provider_name": name}


def any_of(*required: dict[str, Any]) -> dict[str, Any]:
    return {"requires_any": {"requirements": list(required)}}


def filters(*rules: dict[str, Any], providers: dict[str, Any] | None = None, **config: Any) -> Any:
    known = providers or {"p1": ONE, "p2": TWO}
    return filter_list(entry("jwt_authn.v3.JwtAuthentication", providers=known, rules=list(rules), **config))


def bearer(text: str) -> tuple[str, str]:
    return "authorization", f"Bearer {text}"


def refused(status: str, code: int = 401) -> tuple[int, str, str]:
    return code, "-", f"jwt_authn_access_denied{{{status}}}"


ONLY_ONE = filters(rule(named("p1")))
MISSING: dict[str, Any] = {"allow_missing": {}}
FAILED: dict[str, Any] = {"allow_missing_or_failed": {}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (token(), None),
        (token(exp=NOW - 30), None),
        (token(exp=NOW - 70), refused("Jwt_is_expired")),
        (token(exp=None), None),
        (token(nbf=NOW + 70), refused("Jwt_not_yet_valid")),
        (token(aud="zz"), refused("Audiences_in_Jwt_are_not_allowed", 403)),
        (token(aud=None), refused("Audiences_in_Jwt_are_not_allowed", 403)),
        (token(iss="ix"), refused("Jwt_issuer_is_not_configured")),
        (token(key_of="second"), refused("Jwt_verification_fails")),
        (token(kid=""), None),
        (token(kid="zz"), refused("Jwks_doesn't_have_key_to_match_kid_or_alg_from_Jwt")),
        (token("ES256", "e", "curve"), None),
        (token("EdDSA", "d", "edwards"), None),
        (token("HS256", "h", "hmac"), None),
        (token("PS256", "r"), refused("Jwks_doesn't_have_key_to_match_kid_or_alg_from_Jwt")),
        (token("RS512", ""), refused("Jwt_ED25519_signature_is_wrong_length")),
        (token() + "==", None),
        (token() + "=", refused("Jwt_signature_is_an_invalid_Base64url_encoded")),
        (token() + ".", None),
        ("@" + token(), None),
        (token() + ",x", refused("Jwt_signature_is_an_invalid_Base64url_encoded")),
        (token() + " x", refused("Jwt_verification_fails")),
        ("abc", refused(FORM)),
        ("a.b.c.d", refused(FORM)),
        ("..", refused(FORM)),
        ("@@.e30.c", refused(FORM)),
        ("a.b.c", refused("Jwt_header_is_an_invalid_Base64url_encoded")),
        (raw("{x", "{}"), refused("Jwt_header_is_an_invalid_JSON")),
        (raw("{}", "{}"), refused("Jwt_header_[alg]_field_is_required_and_must_be_a_string")),
        (raw('{"alg":"none"}', "{}"), refused("Jwt_header_[alg]_is_not_supported")),
        (raw('{"alg":"RS256","kid":1}', "{}"), refused("Jwt_header_[kid]_field_is_not_a_string")),
        (raw('{"alg":"RS256"}', "[1]"), refused("Jwt_payload_is_an_invalid_JSON")),
        (raw('{"alg":"RS256"}', '{"iss":1}'), refused("Jwt_payload_[iss]_field_is_not_a_string")),
        (raw('{"alg":"RS256"}', '{"exp":"x"}'), refused("Jwt_payload_[exp]_field_is_not_an_integer")),
        (raw('{"alg":"RS256"}', '{"exp":-1}'), refused("Jwt_payload_[exp]_field_is_not_a_positive_64_bit_integer")),
        (raw('{"alg":"RS256"}', '{"aud":1}'), refused("Jwt_payload_[aud]_field_is_not_a_string_or_string_list")),
        (raw('{"alg":"RS256"}', '{"iss":"i1"}', "@@"), refused("Jwt_signature_is_an_invalid_Base64url_encoded")),
    ],
)
def test_a_token_is_judged_in_envoys_order_and_words(text: str, expected: Any) -> None:
    assert access_log(answer(ONLY_ONE, request("/", bearer(text)), AT)) == expected


def test_audiences_are_compared_without_scheme_and_trailing_slash() -> None:
    several = jwt.encode({"iss": "i1", "aud": ["x", "http://a2.com"]}, FIRST, algorithm="RS256")
    assert answer(ONLY_ONE, request("/", bearer(several)), AT) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Basic abc", refused("Jwt_is_missing")),
        (f"bearer {token()}", refused("Jwt_is_missing")),
        (f"x Bearer {token()}", None),
        ("Bearer ", refused("Jwt_is_missing")),
    ],
)
def test_a_header_without_the_prefix_contains_no_token(value: str, expected: Any) -> None:
    assert access_log(answer(ONLY_ONE, request("/", ("authorization", value)), AT)) == expected


def test_a_denied_grpc_request_is_logged_with_200() -> None:
    assert access_log(answer(ONLY_ONE, request("/", GRPC), AT)) == (200, "-", "jwt_authn_access_denied{Jwt_is_missing}")


OLD, FOREIGN = token(exp=NOW - 3600), token(kid="", key_of="second", iss="i2")


@pytest.mark.parametrize(
    ("required", "header", "parameter", "expected"),
    [
        (named("p1"), token(), token(), None),
        (named("p1"), token(), OLD, refused("Jwt_is_expired")),
        (named("p1"), OLD, token(), refused("Jwt_is_expired")),
        (named("p1"), OLD, "abc", refused(FORM)),
        (MISSING, token(), OLD, None),
        (MISSING, OLD, token(), refused("Jwt_is_expired")),
        (MISSING, None, None, None),
        (MISSING, None, "abc", refused(FORM)),
        (FAILED, OLD, "abc", None),
        (any_of(named("p1"), named("p2")), FOREIGN, None, None),
        (any_of(named("p1"), named("p2")), FOREIGN, token(), None),
        (any_of(named("p1"), named("p2")), None, None, refused("Jwt_is_missing")),
        (any_of(named("p1"), MISSING), None, None, None),
        (any_of(named("p1"), MISSING), token(), OLD, refused("Jwt_is_expired")),
        (any_of(named("p1"), MISSING), FOREIGN, None, refused("Jwt_issuer_is_not_configured")),
        (any_of(named("p1"), named("p2"), MISSING), FOREIGN, OLD, refused("Jwt_is_expired")),
        (any_of(named("p1"), named("p2"), MISSING), OLD, FOREIGN, refused("Jwt_issuer_is_not_configured")),
        (any_of(named("p1"), FAILED, MISSING), OLD, None, None),
        (any_of(MISSING, MISSING), None, None, None),
        (any_of(MISSING, MISSING), token(), None, None),
        (any_of(MISSING, MISSING), OLD, None, refused("Jwt_is_expired")),
        (any_of(MISSING, MISSING), "abc", None, refused(FORM)),
        (any_of(FAILED, FAILED), OLD, None, None),
        (any_of(MISSING, FAILED), OLD, None, None),
        (any_of(FAILED, MISSING), OLD, None, None),
        (any_of(any_of(MISSING, MISSING), FAILED), OLD, None, None),
        (any_of(any_of(MISSING, MISSING), named("p1")), OLD, None, refused("Jwt_is_expired")),
        ({"requires_all": {"requirements": [named("p1"), named("p2")]}}, token(), None, refused("Jwt_is_missing")),
        ({"provider_and_audiences": {"provider_name": "p1", "audiences": ["zz"]}}, token(aud="zz"), None, None),
    ],
)
def test_requirements_combine_as_in_envoy(
    required: Any, header: str | None, parameter: str | None, expected: Any
) -> None:
    client_request = request(
        f"/?access_token={parameter}" if parameter else "/", *((bearer(header),) if header else ())
    )
    assert access_log(answer(filters(rule(required)), client_request, AT)) == expected


@pytest.mark.parametrize(
    ("client_request", "required"),
    [
        (request("/open?x"), False),
        (request("/q?x=1"), True),
        (request("/q?x=2"), False),
        (request("/h", ("x-h", "1")), True),
        (request("/h"), False),
        (request("/n"), True),
        (request("/n", ("origin", "o"), ("access-control-request-method", "GET"), method="OPTIONS"), False),
        (request("/n", ("origin", "o"), method="OPTIONS"), True),
        (request("/other"), False),
    ],
)
def test_the_first_matching_rule_counts_and_only_path_headers_and_query_match(
    client_request: Any, required: bool
) -> None:
    never = {"default_value": {"numerator": 0}}
    rules = (
        {"match": {"path": "/open"}},
        rule(named("p1"), prefix="/q", query_parameters=[{"name": "x", "string_match": {"exact": "1"}}]),
        rule(named("p1"), prefix="/h", headers=[{"name": "x-h", "present_match": True}], runtime_fraction=never),
        {"match": {"prefix": "/n"}, "requirement_name": "r"},
    )
    listing = filters(*rules, requirement_map={"r": named("p1")}, bypass_cors_preflight=True)
    assert (answer(listing, client_request, AT) is not None) is required


def test_a_route_names_another_requirement_or_turns_the_filter_off() -> None:
    listing = filters(rule(named("p1")), requirement_map={"rn": named("p2"), "b": named("p1")})

    def at(**config: Any) -> Any:
        return context(at=AT.options.at, route=scope(typed("jwt_authn.v3.PerRouteConfig", **config)))

    assert answer(listing, request(), at(disabled=True)) is None
    assert answer(listing, request("/", bearer(FOREIGN)), at(requirement_name="rn")) is None
    fault = "Wrong_requirement_name:_nope_x._It_should_be_one_of_[b,rn]"
    assert access_log(answer(listing, request(), at(requirement_name="nope x"))) == refused(fault, 403)


RICH: dict[str, Any] = {
    **ONE,
    "from_headers": [{"name": "x-a", "value_prefix": "tok="}, {"name": "x-b"}],
    "from_params": ["pt"],
    "from_cookies": ["ck"],
    "payload_in_metadata": "pl",
    "forward_payload_header": "x-payload",
    "claim_to_headers": [
        {"header_name": f"x-{name}", "claim_name": claim}
        for name, claim in (("sub", "sub"), ("deep", "n.m"), ("num", "num"), ("list", "l"), ("yes", "yes"))
    ],
}


def rich_token() -> str:
    claims = {"iss": "i1", "sub": "s", "aud": "a1", "n": {"m": "deep"}, "num": 5, "l": ["<"], "yes": True}
    return jwt.encode(claims, FIRST, algorithm="RS256")


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("/?z=1&a=%31", ("x-a", f"tok={rich_token()}")),
        ("/?z=1&a=%31", ("x-b", rich_token())),
        (f"/?z=1&pt={rich_token()}&a=%31", ("x", "y")),
        ("/?z=1&a=%31", ("cookie", f"q=1; ck={rich_token()}")),
    ],
)
def test_an_accepted_token_writes_metadata_and_headers_and_is_removed(path: str, header: tuple[str, str]) -> None:
    after = request_after(
        filters(rule(named("p1")), providers={"p1": RICH}), request(path, header, ("x-sub", "forged")), AT
    )
    assert after.values("x-sub") == ("s",)
    assert after.values("x-deep") == ("deep",)
    assert after.values("x-num") == ("5",)
    assert after.values("x-list") == ("WyJcdTAwM2MiXQ==",)
    assert after.values("x-yes") == ("true",)
    assert after.values("x-payload") == (rich_token().split(".")[1],)
    assert after.metadata["envoy.filters.http.jwt_authn"]["pl"]["sub"] == "s"
    assert after.path == ("/?a=1&z=1" if "pt=" in path else path)
    assert not after.values("x-a")
    assert not after.values("x-b")


def test_the_default_places_do_not_count_where_others_are_configured() -> None:
    listing = filters(rule(named("p1")), providers={"p1": RICH})
    assert access_log(answer(listing, request("/", bearer(token())), AT)) == refused("Jwt_is_missing")


def test_space_delimited_claims_become_lists_where_the_provider_lists_them() -> None:
    spaced = {"normalize_payload_in_metadata": {"space_delimited_claims": ["scope"]}, "payload_in_metadata": "payload"}
    listing = filters(rule(named("p1")), providers={"p1": {**ONE, **spaced}})
    after = request_after(listing, request("/", bearer(token(scope="read write"))), AT)
    assert after.metadata["envoy.filters.http.jwt_authn"]["payload"]["scope"] == ["read", "write"]


def test_a_fetched_key_has_two_outcomes_of_unknown_probability() -> None:
    remote = {"issuer": "i1", "remote_jwks": {"http_uri": {"uri": "https://keys"}}}
    listing = filters(rule(named("p1")), providers={"p1": remote})
    results = outcomes(listing, request("/", bearer(token())), AT)
    assert [(one.probability, isinstance(one.value, End)) for one in results] == [(None, False), (None, True)]
    assert results[0].condition == "a fetched key verifies the token"
    assert access_log(answer(listing, request("/", bearer(OLD)), AT)) == refused("Jwt_is_expired")


def test_an_unknown_time_of_capture_has_two_outcomes_for_a_token_that_expires() -> None:
    assert len(outcomes(ONLY_ONE, request("/", bearer(token())), context())) == 2
    assert len(outcomes(ONLY_ONE, request("/", bearer(token(exp=None))), context())) == 1


@pytest.mark.parametrize(
    ("claims", "faults"),
    [
        ({"exp": None, "nbf": 9e9}, ["Jwt_not_yet_valid"]),
        ({"exp": 9e9, "nbf": 1}, ["Jwt_is_expired", "Jwt_not_yet_valid"]),
        ({"exp": 9e9}, ["Jwt_is_expired"]),
    ],
)
def test_at_an_unknown_time_a_token_may_be_too_old_or_too_new(claims: Any, faults: list[str]) -> None:
    valid, *others = outcomes(ONLY_ONE, request("/", bearer(token(**claims))), context())
    assert not isinstance(valid.value, End)
    logs = [access_log(one.value.response) for one in others if isinstance(one.value, End)]
    assert logs == [refused(fault) for fault in faults]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"iss": "i1", "sub": "s"}, None),
        ({"iss": "i1", "aud": "a1"}, None),
        ({"iss": "i1", "aud": "zz"}, refused("Audiences_in_Jwt_are_not_allowed", 403)),
        ({"iss": "ix"}, refused("Jwt_issuer_is_not_configured")),
        (None, refused("Jwt_is_missing")),
    ],
)
def test_claims_that_the_user_states_are_those_of_an_accepted_token(claims: Any, expected: Any) -> None:
    assert access_log(answer(ONLY_ONE, request(), context(claims=claims))) == expected


def test_a_missing_token_has_a_hint() -> None:
    assert only(ONLY_ONE, request(), AT).steps[0].hint is CLAIMS


def test_a_provider_that_clears_the_route_cache_reroutes() -> None:
    listing = filters(rule(named("p1")), providers={"p1": {**ONE, "clear_route_cache": True, "forward": True}})
    client_request = request("/", bearer(token()))
    assert only(listing, client_request, AT).value == Reroute(client_request, resume=1)


def test_subjects_and_lifetimes_may_be_restricted() -> None:
    strict = {**ONE, "subjects": {"prefix": "s"}, "max_lifetime": "7200s"}
    for more in ({}, {"require_expiration": True}):
        listing = filters(rule(named("p1")), providers={"p1": {**strict, **more}})
        assert answer(listing, request("/", bearer(token())), AT) is None
        for wrong in (token(sub="x"), token(exp=None), token(exp=None, nbf=NOW - 9), token(exp=NOW + 99_999)):
            assert access_log(answer(listing, request("/", bearer(wrong)), AT)) == refused("Jwt_verification_fails")
        other = token(exp=None, aud="other")
        assert access_log(answer(listing, request("/", bearer(other)), AT)) == refused(
            "Audiences_in_Jwt_are_not_allowed", 403
        )


@pytest.mark.parametrize("path", ["/named", "/open", "/other", "/off"])
def test_headers_that_only_the_filter_sets_are_taken_from_every_request(path: str) -> None:
    provider = {
        **ONE,
        "forward_payload_header": "x-payload",
        "claim_to_headers": [{"header_name": "x-sub", "claim_name": "sub"}],
    }
    rules = (rule(FAILED, path="/named"), {"match": {"path": "/open"}})
    listing = filters(*rules, providers={"p1": provider}, bypass_cors_preflight=True)
    off = context(at=AT.options.at, route=scope(typed("jwt_authn.v3.PerRouteConfig", disabled=True)))
    forged, kept = (("x-payload", "1"), ("x-sub", "alice")), ("x-other", "1")
    after = request_after(listing, request(path, *forged, kept), off if path == "/off" else AT)
    assert after.headers == (kept,)
    preflight = (("origin", "o"), ("access-control-request-method", "GET"))
    after = request_after(listing, request(path, *forged, *preflight, method="OPTIONS"), AT)
    assert after.headers == preflight
