"""Random checks of JSON Web Tokens, tokens near what they ask for, and routes and RBAC that look at their claims."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from hashlib import sha256

from hypothesis import strategies as st

from . import interplay
from .amounts import CALLS
from .messages import Json, Message, extension, merged, one, some, true
from .requests import Call
from .scenes import Scene

KIND = "filters.http.jwt_authn.v3.JwtAuthentication"
KEY = b"a key that both of them know, long enough"
ISSUERS = ("i1", "i2")


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


_JWKS = json.dumps({"keys": [{"kty": "oct", "alg": "HS256", "k": _encoded(KEY)}]})


def signed(claims: Json, key: bytes = KEY) -> str:
    text = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
    return f"{text}.{_encoded(hmac.new(key, text.encode(), sha256).digest())}"


_audiences = st.sampled_from((["a1"], ["a1", "a2"], ["https://a2/"]))


def _provider(issuer: str) -> Message:
    return some(
        {"issuer": issuer, "local_jwks": {"inline_string": _JWKS}},
        audiences=_audiences,
        forward=true,
        from_headers=st.just([{"name": "x-t", "value_prefix": "T "}]),
        from_params=st.just(["t"]),
        forward_payload_header=st.just("x-client"),
        claim_to_headers=st.just([{"header_name": "x-a", "claim_name": "sub"}]),
        clear_route_cache=true,
        require_expiration=true,
        max_lifetime=st.just("3600s"),
        subjects=st.just({"prefix": "1"}),
    )


_providers = st.fixed_dictionaries({f"p{issuer}": _provider(issuer) for issuer in ISSUERS})
_names = st.sampled_from([f"p{issuer}" for issuer in ISSUERS])
_leaves: Message = st.one_of(
    one(provider_name=_names, allow_missing=st.just({}), allow_missing_or_failed=st.just({})),
    st.builds(lambda name, listed: {"provider_and_audiences": {"provider_name": name, "audiences": listed}},
              _names, _audiences),
)  # fmt: skip


def _several(deeper: Message) -> Message:
    listed = st.lists(deeper, min_size=2, max_size=3).map(lambda each: {"requirements": each})
    return one(requires_any=listed, requires_all=listed)


_requirements = st.recursive(_leaves, _several, max_leaves=3)
_rules = merged(
    st.sampled_from(("/", "/x")).map(lambda prefix: {"match": {"prefix": prefix}}), some(requires=_requirements)
)
checks: Message = merged(
    st.builds(lambda providers, rules: {"providers": providers, "rules": rules},
              _providers, st.lists(_rules, min_size=1, max_size=2)),
    some(bypass_cors_preflight=true),
).map(lambda config: extension(KIND, config, "jwt"))  # fmt: skip
_claims = some(
    {"iss": st.sampled_from((*ISSUERS, "i3"))},
    sub=st.sampled_from(("1", "2", "12")),
    aud=st.sampled_from(("a1", "a2", ["a3", "a2"], "a3")),
    exp=st.sampled_from((1, 9_000_000_000)),
    nbf=st.sampled_from((1, 9_000_000_000)),
)
_tokens = st.one_of(
    _claims.map(signed),
    _claims.map(signed),
    _claims.map(lambda claims: signed(claims, b"another key")),
    st.sampled_from(("", "a.b", "a.b.c")),
)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    call = draw(interplay.calls())
    headers, path = [pair for pair in call.headers if pair[0] != "x-a"], "/x" if draw(st.booleans()) else "/"
    if draw(st.booleans()):
        headers.append(("x-a", draw(st.sampled_from(("1", "2")))))
    places = st.sampled_from(("authorization", "authorization", "x-t", "t", "access_token"))
    for place in draw(st.lists(places, max_size=2, unique=True)):
        token = draw(_tokens)
        if place in ("authorization", "x-t"):
            headers.append((place, f"{'Bearer' if place == 'authorization' else 'T'} {token}"))
        else:
            path = f"{path}{'&' if '?' in path else '?'}{place}={token}&b=1"
    return call._replace(headers=tuple(headers), path=path)


scenes: st.SearchStrategy[Scene] = st.builds(
    Scene, interplay.tables(),
    st.tuples(checks, st.lists(st.one_of(interplay.rbac, interplay.changing), max_size=2)).map(
        lambda two: [two[0], *two[1]]),
    st.just({}), st.lists(calls(), min_size=CALLS, max_size=CALLS),
)  # fmt: skip
