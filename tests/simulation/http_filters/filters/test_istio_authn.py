from __future__ import annotations

from typing import Any

from meshscope.simulation.connection import Connection, HttpRequest, Peer
from meshscope.simulation.endings import End

from ..asking import answer, extension, going, listed, only, request, scene

TYPE = "type.googleapis.com/istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig"
PEER = Peer(presented=True, uri_sans=("spiffe://td/ns/shop/sa/web",))
MUTUAL = scene(connection=Connection(tls=True, peer=PEER))
STRICT: dict[str, Any] = {"peers": [{"mtls": {}}]}
PERMISSIVE: dict[str, Any] = {"peers": [{"mtls": {"mode": "PERMISSIVE"}}]}
ORIGIN: dict[str, Any] = {"origins": [{"jwt": {"issuer": "i"}}], "principal_binding": "USE_ORIGIN"}
TOKEN = {"envoy.filters.http.jwt_authn": {"i": {"iss": "i", "sub": "s", "aud": "a", "groups": ["g"], "scope": "r w"}}}


def authn(policy: dict[str, Any]) -> Any:
    return listed(extension({"name": "istio_authn", "typed_config": {"@type": TYPE, "policy": policy}}))


def test_a_strict_policy_refuses_plain_text_and_a_permissive_one_does_not() -> None:
    refused = answer(authn(STRICT), request())
    assert refused is not None
    assert refused.code == 401
    assert answer(authn(PERMISSIVE), request()) is None
    assert answer(authn(STRICT), request(), MUTUAL) is None


def test_the_peer_is_left_for_rbac() -> None:
    found = going(authn(STRICT), request(), MUTUAL).metadata["istio_authn"]
    assert found["source.principal"] == found["source.user"] == "td/ns/shop/sa/web"
    assert found["source.namespace"] == "shop"


def test_an_identity_that_nobody_gave_is_unknown() -> None:
    outcome = only(authn(STRICT), request(), scene(connection=Connection(tls=True)))
    assert isinstance(outcome.value, HttpRequest)
    assert outcome.steps[0].verdict == "unknown"


def test_the_token_is_left_for_rbac_with_its_claims_as_lists() -> None:
    found = going(authn(ORIGIN), request(metadata=TOKEN)).metadata["istio_authn"]
    assert found["request.auth.principal"] == found["source.principal"] == "i/s"
    assert found["request.auth.audiences"] == "a"
    assert found["request.auth.claims"]["scope"] == ["r", "w"]
    assert found["request.auth.claims"]["groups"] == ["g"]


def test_a_token_may_be_required() -> None:
    assert isinstance(only(authn(ORIGIN), request()).value, End)
    assert answer(authn({**ORIGIN, "origin_is_optional": True}), request()) is None


def test_claims_that_the_user_gives_are_an_accepted_token() -> None:
    found = going(authn(ORIGIN), request(), scene(claims={"iss": "i", "sub": "z"})).metadata["istio_authn"]
    assert found["request.auth.principal"] == "i/z"
    assert isinstance(only(authn(ORIGIN), request(), scene(claims={"iss": "other"})).value, End)


def test_the_filter_of_api_v2_has_no_type() -> None:
    untyped = {"@type": "type.googleapis.com/udpa.type.v1.TypedStruct", "value": {"policy": STRICT}}
    filters = listed(extension({"name": "istio_authn", "typed_config": untyped}))
    assert isinstance(only(filters, request()).value, End)
