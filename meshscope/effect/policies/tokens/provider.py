"""What a JWT rule asks of its provider, as facts by the names of Envoy's fields. Keys themselves are never compared.

https://github.com/istio/istio/blob/master/pilot/pkg/security/authn/policy_applier.go
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.effect.answer import Difference
from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects.request_authentication import JWTRule
from meshscope.istio.version import Version
from meshscope.xds.duration import duration_text
from meshscope.xds.jwt_authn import JwtProvider
from meshscope.xds.message import Message, Undecodable, decode, present

Facts = dict[str, str]
INLINE, REMOTE = "inline", "remote"
_DEFAULT_TIMEOUT = "5s"
_SPACE_DELIMITED = ("permission", "scope")
NEWEST: Version = (1 << 16, 0, 0)


class _HttpUri(Message, frozen=True):
    uri: str = ""
    timeout: str = ""


class _RemoteJwks(Message, frozen=True):
    http_uri: _HttpUri = _HttpUri()


class Known(Struct, frozen=True):
    """The version of the control plane, which drops fields that it does not know, and that of the proxy."""

    control_plane: Version = NEWEST
    proxy: Version = NEWEST


def too_new(rule: JWTRule, known: Known) -> Iterator[str]:
    """Members of the rule that the control plane does not know."""
    for version, name, value in (
        ((1, 17), "outputClaimToHeaders", rule.output_claim_to_headers),
        ((1, 21), "fromCookies", rule.from_cookies),
        ((1, 22), "timeout", rule.timeout),
        ((1, 28), "spaceDelimitedClaims", rule.space_delimited_claims),
        ((1, 32), "presence", rule.presence != "OPTIONAL"),
    ):
        if value and known.control_plane < version:
            yield name


def rule_facts(rule: JWTRule, known: Known) -> Facts:
    since = known.control_plane
    claims = (f"{one.claim} → {one.header}" for one in rule.output_claim_to_headers if since >= (1, 17))
    found = {
        "issuer": rule.issuer,
        "audiences": _sorted(rule.audiences),
        "from_headers": _sorted(f"{one.name}: {one.prefix}" for one in rule.from_headers),
        "from_params": _sorted(rule.from_params),
        "from_cookies": _sorted(rule.from_cookies if since >= (1, 21) else ()),
        "forward": _flag(rule.forward_original_token),
        "forward_payload_header": rule.output_payload_to_header,
        "claim_to_headers": _sorted(claims),
        "payload_in_metadata": _payload(rule, known.proxy),
    }
    if since >= (1, 28):
        delimited = _sorted(set(rule.space_delimited_claims) | set(_SPACE_DELIMITED))
        found["normalize_payload_in_metadata.space_delimited_claims"] = delimited
    return found


def _payload(rule: JWTRule, version: Version) -> str:
    return "payload" if version >= (1, 21) else rule.issuer


def provider_facts(provider: JwtProvider) -> Facts:
    delimited = provider.normalize_payload_in_metadata.space_delimited_claims
    claims = (f"{one.claim_name} → {one.header_name}" for one in provider.claim_to_headers)
    return {
        "issuer": provider.issuer,
        "audiences": _sorted(provider.audiences),
        "subjects": str(provider.subjects or ""),
        "require_expiration": _flag(provider.require_expiration),
        "max_lifetime": provider.max_lifetime,
        "from_headers": _sorted(f"{one.name}: {one.value_prefix}" for one in provider.from_headers),
        "from_params": _sorted(provider.from_params),
        "from_cookies": _sorted(provider.from_cookies),
        "forward": _flag(provider.forward),
        "forward_payload_header": provider.forward_payload_header,
        "claim_to_headers": _sorted(claims),
        "payload_in_metadata": provider.payload_in_metadata,
        "normalize_payload_in_metadata.space_delimited_claims": _sorted(delimited),
    }


def differences(rule: JWTRule, provider: JwtProvider, known: Known) -> tuple[Difference, ...]:
    mine, theirs = rule_facts(rule, known), provider_facts(provider)
    if known.control_plane < (1, 28):
        theirs.pop("normalize_payload_in_metadata.space_delimited_claims")
    if (1, 20) <= known.proxy < (1, 24):  # either, by a setting of the control plane
        mine.pop("payload_in_metadata"), theirs.pop("payload_in_metadata")
    found = [
        Difference(field, mine.get(field, ""), theirs.get(field, ""))
        for field in dict.fromkeys((*mine, *theirs))
        if mine.get(field, "") != theirs.get(field, "")
    ]
    return (*found, *_keys(rule, provider, known))


# --- keys ----------------------------------------------------------------------------------------------------------


def _keys(rule: JWTRule, provider: JwtProvider, known: Known) -> Iterator[Difference]:
    """Where they come from. istiod puts a key of nobody where it could not fetch any, so that every token is refused."""
    uri = rule.jwks_uri or rule.old_jwks_uri
    if present(provider.remote_jwks):
        remote = decode(provider.remote_jwks, _RemoteJwks)
        if isinstance(remote, Undecodable):
            yield Difference("remote_jwks", uri, remote.why)
        elif remote.http_uri.uri != uri:
            yield Difference("remote_jwks.http_uri.uri", uri, remote.http_uri.uri)
        elif known.control_plane >= (1, 22):
            wanted = envoy_duration(rule.timeout) or _DEFAULT_TIMEOUT
            if duration_text(remote.http_uri.timeout) != duration_text(wanted):
                yield Difference("remote_jwks.http_uri.timeout", wanted, remote.http_uri.timeout)
    elif provider.local_jwks is None:
        yield Difference("local_jwks", "keys", "")
    elif (text := provider.local_jwks.text or "") and _is_fake(text, uri):
        yield Difference("local_jwks", f"the keys of {uri}", "a key of nobody: istiod could not fetch them")
    elif rule.jwks and _KEYS in rule.jwks and _KEYS in text and rule.jwks.strip() != text.strip():
        yield Difference("local_jwks", "the keys of the rule's jwks", "other keys")


_KEYS = '"keys"'
"""Of a set of keys that no redaction has replaced; istiod takes the text as it is."""


def _is_fake(text: str, uri: str) -> bool:
    fake = urlsafe_b64encode(f"Error-IstiodFailedToFetchJwksUri-{uri}".encode()).decode().rstrip("=")
    return fake in text


def keys_of(provider: JwtProvider) -> str:
    return REMOTE if present(provider.remote_jwks) else INLINE


def _sorted(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))


def _flag(value: bool) -> str:
    return "true" if value else ""
