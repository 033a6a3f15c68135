from __future__ import annotations

from typing import Any

from meshscope.simulation.connection import Connection, HttpRequest, Peer
from meshscope.simulation.endings import End

from ..walks import answer, context, extension, filter_list, only, request, request_after

TYPE = "type.googleapis.com/istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig"
PEER = Peer(presented=True, uri_sans=("spiffe://td/ns/shop/sa/web",))
MUTUAL = context(connection=Connection(tls=True, peer=PEER))
STRICT: dict[str, Any] = {"peers": [{"mtls": {}}]}
PERMISSIVE: dict[str, Any] = {"peers": [{"mtls": {"mode": "PERMISSIVE"}}]}
ORIGIN: dict[str, Any] = {"origins": [{"jwt": {"issuer": "i"}}], "principal_binding": "USE_ORIGIN"}
TOKEN = {"envoy.filters.http.jwt_authn": {"i": {"iss": "i", "sub": "s", "aud": "a", "groups": ["g"], "scope": "r w"}}}


def authn(policy: dict[str, Any]) -> Any:
    return filter_list(extension({"name": "istio_authn", "typed_config": {"@type": TYPE, "policy": policy}}))


def test_a_strict_policy_refuses_plain_text_and_a_permissive_one_does_not() -> None:
    refused = answer(authn(STRICT), request())
    assert refused is not None
    assert refused.code == 401
    assert answer(authn(PERMISSIVE), request()) is None
    assert answer(authn(STRICT), request(), MUTUAL) is None


def test_the_peer_is_written_for_rbac() -> None:
    metadata = request_after(authn(STRICT), request(), MUTUAL).metadata["istio_authn"]
    assert metadata["source.principal"] == metadata["source.user"] == "td/ns/shop/sa/web"
    assert metadata["source.namespace"] == "shop"


def test_an_identity_that_is_not_given_is_unknown() -> None:
    outcome = only(authn(STRICT), request(), context(connection=Connection(tls=True)))
    assert isinstance(outcome.value, HttpRequest)
    assert outcome.steps[0].verdict == "unknown"


def test_the_token_is_written_for_rbac_with_its_claims_as_lists() -> None:
    metadata = request_after(authn(ORIGIN), request(metadata=TOKEN)).metadata["istio_authn"]
    assert metadata["request.auth.principal"] == metadata["source.principal"] == "i/s"
    assert metadata["request.auth.audiences"] == "a"
    assert metadata["request.auth.claims"]["scope"] == ["r", "w"]
    assert metadata["request.auth.claims"]["groups"] == ["g"]


def test_a_token_may_be_required() -> None:
    assert isinstance(only(authn(ORIGIN), request()).value, End)
    assert answer(authn({**ORIGIN, "origin_is_optional": True}), request()) is None


def test_claims_that_the_user_states_are_an_accepted_token() -> None:
    metadata = request_after(authn(ORIGIN), request(), context(claims={"iss": "i", "sub": "z"})).metadata["istio_authn"]
    assert metadata["request.auth.principal"] == "i/z"
    assert isinstance(only(authn(ORIGIN), request(), context(claims={"iss": "other"})).value, End)


def test_the_filter_of_api_v2_has_no_type() -> None:
    untyped = {"@type": "type.googleapis.com/udpa.type.v1.TypedStruct", "value": {"policy": STRICT}}
    filters = filter_list(extension({"name": "istio_authn", "typed_config": untyped}))
    assert isinstance(only(filters, request()).value, End)
