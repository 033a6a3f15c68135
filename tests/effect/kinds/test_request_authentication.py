from __future__ import annotations

import copy
from base64 import urlsafe_b64encode

import pytest

from meshscope.effect.answer import RuleEffect, State

from ..policies import small_mesh
from ..policies.small_mesh import HTTP, Json, changes, extension, http_chain, inbound, policy, tcp_chain

RULE: Json = {
    "issuer": "https://id.example",
    "audiences": ["web", "app"],
    "jwksUri": "https://id.example/keys",
    "fromHeaders": [{"name": "x-token", "prefix": "Token "}],
    "fromParams": ["token"],
    "fromCookies": ["session"],
    "outputPayloadToHeader": "x-payload",
    "forwardOriginalToken": True,
    "outputClaimToHeaders": [{"header": "x-user", "claim": "sub"}],
    "timeout": "7s",
    "spaceDelimitedClaims": ["roles"],
}
PROVIDER: Json = {
    "issuer": "https://id.example",
    "audiences": ["web", "app"],
    "remote_jwks": {
        "http_uri": {"uri": "https://id.example/keys", "cluster": "outbound|443||id.example", "timeout": "7s"},
        "cache_duration": "300s",
    },
    "from_headers": [{"name": "x-token", "value_prefix": "Token "}],
    "from_params": ["token"],
    "from_cookies": ["session"],
    "forward_payload_header": "x-payload",
    "forward": True,
    "claim_to_headers": [{"header_name": "x-user", "claim_name": "sub"}],
    "payload_in_metadata": "payload",
    "normalize_payload_in_metadata": {"space_delimited_claims": ["permission", "roles", "scope"]},
}
OTHER: Json = {"issuer": "other", "jwks": "{}"}
OTHERS: Json = {
    "issuer": "other",
    "local_jwks": {"inline_string": "{}"},
    "payload_in_metadata": "payload",
    "normalize_payload_in_metadata": {"space_delimited_claims": ["permission", "scope"]},
}


def one_of(name: str) -> Json:
    return {"requires_any": {"requirements": [{"provider_name": name}, {"allow_missing": {}}]}}


def config(*providers: Json) -> Json:
    """As istiod makes it: any provider will do, or each that finds a token, or none."""
    names = [f"origins-{number}" for number in range(len(providers))]
    asked = one_of(names[0])
    if len(names) > 1:
        each = [{"provider_name": name} for name in names]
        asked = {"requires_any": {"requirements": [*each, {"requires_all": {"requirements": [*map(one_of, names)]}}]}}
    return {
        "providers": dict(zip(names, providers, strict=True)),
        "rules": [{"match": {"prefix": "/"}, "requires": asked}],
        "bypass_cors_preflight": True,
    }


def judged(
    rules: list[Json], *chains: Json, objects: tuple[Json, ...] = (), version: str = "1.31.0"
) -> dict[str, RuleEffect]:
    item = policy("RequestAuthentication", {"jwtRules": rules})
    proxy = small_mesh.proxy(inbound(*chains), version=version)
    return {one.rule: one for one in small_mesh.judged(small_mesh.mesh(proxy, item, *objects))}


def filter_of(value: Json) -> Json:
    return extension(f"{HTTP}.jwt_authn.v3.JwtAuthentication", **value)


def only(rule: Json, value: Json, version: str = "1.31.0") -> RuleEffect:
    return judged([rule], http_chain(filter_of(value)), version=version)["jwtRules[0]"]


def test_a_rule_with_every_member_is_in_effect_where_its_provider_has_them_all() -> None:
    found = only(RULE, config(PROVIDER))
    assert (found.state, found.because) == (
        State.IN_EFFECT,
        "provider origins-0, keys remote",
    )
    assert found.made is not None


FREE = ("remote_jwks.http_uri.cluster", "remote_jwks.cache_duration", "remote_jwks left out", "http_uri left out")
"""Where the keys are fetched and how long they are kept is istiod's choice. The rest is tested below."""


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(value, id=word)
        for word, value in changes(config(PROVIDER))
        if not any(free in word for free in FREE)
    ],
)
def test_each_change_of_the_proxys_filter_is_told(changed: Json) -> None:
    assert only(RULE, changed).state is not State.IN_EFFECT


@pytest.mark.parametrize(
    "changed", [pytest.param(value, id=word) for word, value in changes(RULE) if word != "jwksUri left out"]
)
def test_each_change_of_the_rule_is_told(changed: Json) -> None:
    assert only(changed, config(PROVIDER)).state is not State.IN_EFFECT


def test_several_rules_share_a_filter_whatever_their_order() -> None:
    for providers in ((PROVIDER, OTHERS), (OTHERS, PROVIDER)):
        found = judged([RULE, OTHER], http_chain(filter_of(config(*providers))))
        assert {one.state for one in found.values()} == {State.IN_EFFECT}
    found = judged([RULE, OTHER], http_chain(filter_of(config(OTHERS))))
    assert found["jwtRules[1]"].state is State.IN_EFFECT
    assert (found["jwtRules[0]"].state, found["jwtRules[0]"].because) == (
        State.NOT_IN_EFFECT,
        "the JWT filter of the HTTP chain of virtualInbound, port 8080 has no provider for issuer https://id.example",
    )


def test_the_same_rule_of_two_objects_has_two_providers() -> None:
    twin = policy("RequestAuthentication", {"jwtRules": [OTHER]}, "twin", "istio-system")
    chain = http_chain(filter_of(config(OTHERS, OTHERS)))
    assert judged([OTHER], chain, objects=(twin,))["jwtRules[0]"].state is State.IN_EFFECT
    mine = judged([OTHER, OTHER], http_chain(filter_of(config(OTHERS))))
    assert [one.state for one in mine.values()] == [State.IN_EFFECT, State.NOT_IN_EFFECT]


def test_a_provider_that_nothing_requires_is_not_in_effect() -> None:
    value = config(OTHERS, PROVIDER)
    value["rules"][0]["requires"] = one_of("origins-0")
    found = judged([RULE, OTHER], http_chain(filter_of(value)))
    assert found["jwtRules[0]"].because == (
        "nothing in the JWT filter of the HTTP chain of virtualInbound, port 8080 requires provider origins-1"
    )
    assert found["jwtRules[0]"].state is State.NOT_IN_EFFECT


def test_a_token_is_required_where_none_may_be_missing() -> None:
    value = config(PROVIDER)
    value["rules"][0]["requires"] = {"provider_name": "origins-0"}
    found = only(RULE, value)
    assert (found.state, [each.field for each in found.differences]) == (State.PARTLY, ["rules"])


@pytest.mark.parametrize(
    "keys", [{"local_jwks": {"inline_string": "{}"}}, {"local_jwks": {"inline_string": "[redacted]"}}]
)
def test_keys_may_be_inline_and_are_never_compared(keys: Json) -> None:
    rule, provider = copy.deepcopy(RULE), copy.deepcopy(PROVIDER)
    del provider["remote_jwks"]
    found = only(rule, config({**provider, **keys}))
    assert (found.state, found.because.endswith("keys inline")) == (State.IN_EFFECT, True)


def test_a_provider_without_keys_and_one_whose_keys_nobody_has() -> None:
    provider = copy.deepcopy(PROVIDER)
    del provider["remote_jwks"]
    assert [each.field for each in only(RULE, config(provider)).differences] == ["local_jwks"]
    text = urlsafe_b64encode(b"Error-IstiodFailedToFetchJwksUri-https://id.example/keys").decode().rstrip("=")
    fake = {**provider, "local_jwks": {"inline_string": f'{{"keys":[ {{"kid":"abc","n":"{text}"}}]}}'}}
    found = only(RULE, config(fake))
    assert (found.state, "istiod could not fetch them" in found.because) == (State.PARTLY, True)


def test_a_chain_without_the_filter_and_a_proxy_of_connections_alone() -> None:
    found = judged([RULE], http_chain())["jwtRules[0]"]
    assert (found.state, found.because) == (
        State.NOT_IN_EFFECT,
        "the HTTP chain of virtualInbound, port 8080 has no JWT filter",
    )
    both = judged([RULE], http_chain(filter_of(config(PROVIDER))), tcp_chain())["jwtRules[0]"]
    assert both.state is State.IN_EFFECT
    lone = judged([RULE], tcp_chain())["jwtRules[0]"]
    assert (lone.state, lone.because) == (
        State.NOT_IN_EFFECT,
        "the proxy has no HTTP filter chain for it: tokens are in requests, not in connections",
    )


def test_a_member_that_the_control_plane_does_not_know() -> None:
    provider = copy.deepcopy(PROVIDER)
    del provider["from_cookies"]
    provider["payload_in_metadata"] = RULE["issuer"]
    provider["remote_jwks"]["http_uri"]["timeout"] = "5s"
    found = only(RULE, config(provider), version="1.19.0")
    assert (found.state, found.because) == (
        State.PARTLY,
        "the control plane does not know fromCookies, timeout, spaceDelimitedClaims",
    )


def test_presence_is_unknown() -> None:
    found = only({**RULE, "presence": "REQUIRED"}, config(PROVIDER), version="1.32.0")
    assert (found.state, found.because) == (State.UNKNOWN, "what presence requires is not modelled")


def test_an_object_without_rules_asks_nothing() -> None:
    found = judged([], http_chain())[""]
    assert (found.state, found.because) == (State.NOT_IN_EFFECT, "it has no jwtRules, so that it asks nothing")
