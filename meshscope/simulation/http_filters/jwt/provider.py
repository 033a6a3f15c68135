"""Whether a provider accepts the tokens of a request: issuer, time, audience, subject, keys, in Envoy's order.

https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/http/jwt_authn/authenticator.cc
Every token that a named provider finds has to hold. What nobody knows (keys that are fetched, the time) is taken as
`trust` says and noted, so that the caller can ask for both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.jwt.effects import Accepted, after_token
from meshscope.simulation.http_filters.jwt.keys import FAILS, NO_VALID_KEY, signature_holds
from meshscope.simulation.http_filters.jwt.locations import Found, Locations
from meshscope.simulation.http_filters.jwt.token import EXPIRED, Token, read_token
from meshscope.simulation.matching.string import string_matches
from meshscope.xds.duration import seconds
from meshscope.xds.jwt_authn import JwtProvider
from meshscope.xds.message import present

MISSING = "Jwt is missing"
UNKNOWN_ISSUER = "Jwt issuer is not configured"
WRONG_AUDIENCE = "Audiences in Jwt are not allowed"
_USUAL_SKEW = 60


class Attempt:
    """One request under one assumption: as accepted tokens leave it, and what had to be assumed."""

    def __init__(self, request: HttpRequest, claims: dict[str, Any] | None, at: str, *, trust: bool) -> None:
        self.request, self.claims, self.trust = request, claims, trust
        self.accepted: list[Accepted] = []
        self.doubts: list[str] = []
        self.now = _seconds_since_1970(at)

    def accept(self, accepted: Accepted) -> None:
        """At once: a token that was taken out of the request is not found by the next provider."""
        self.accepted.append(accepted)
        self.request = after_token(self.request, accepted)

    def tokens(self, locations: Locations) -> tuple[tuple[Found | None, Token | str], ...]:
        """What was found, in the order in which Envoy checks it; else the token that the user says was accepted."""
        found = [(one, read_token(one.text)) for one in reversed(locations.find(self.request))]
        if not found and self.claims is not None:
            return ((None, Token(self.claims, accepted=True)),)
        return tuple(found)

    def doubt(self, reason: str) -> bool:
        if reason not in self.doubts:
            self.doubts.append(reason)
        return self.trust


class ProviderCheck:
    """The check of one provider, or of whichever one a token's issuer names."""

    def __init__(self, providers: tuple[JwtProvider, ...], audiences: tuple[str, ...] = (), *, named: bool) -> None:
        self._providers, self._named = providers, named
        self._audiences = frozenset(map(_bare_audience, audiences))
        self._locations = Locations(providers)

    def __call__(self, attempt: Attempt) -> str:
        """The status: "" is fine, else Envoy's words. A named provider stops at the first fault, else the last counts."""
        tokens = attempt.tokens(self._locations)
        status = "" if tokens else MISSING
        for found, token in tokens:
            provider = self._provider(token)
            status = self._fault(attempt, found, token, provider)
            if not status and provider is not None and isinstance(token, Token):
                attempt.accept(Accepted(provider, token, found))
            elif self._named:
                break
        return status

    def _provider(self, token: Token | str) -> JwtProvider | None:
        if self._named or isinstance(token, str):
            return self._providers[0] if self._named else None
        by_issuer = (one for one in self._providers if one.issuer == token.issuer)
        return next(by_issuer, next((one for one in self._providers if not one.issuer), None))

    def _fault(self, attempt: Attempt, found: Found | None, token: Token | str, provider: JwtProvider | None) -> str:
        """Why a token does not hold, "" if it does."""
        if isinstance(token, str):
            return token
        issuers = found.issuers if found else frozenset(one.issuer for one in self._providers)
        if provider is None or (token.issuer not in issuers and "" not in issuers):
            return UNKNOWN_ISSUER
        checks: tuple[Callable[[], str], ...] = (
            lambda: "" if token.accepted else _time_fault(attempt, token, provider),
            lambda: self._audience_fault(token, provider),
            lambda: _subject_fault(token, provider),
            lambda: "" if token.accepted or found is None else _key_fault(attempt, found.text, provider),
        )
        return next(filter(None, (check() for check in checks)), "")

    def _audience_fault(self, token: Token, provider: JwtProvider) -> str:
        allowed = self._audiences or frozenset(map(_bare_audience, provider.audiences))
        if not allowed or (token.accepted and "aud" not in token.payload):
            return ""
        return "" if allowed & set(map(_bare_audience, token.audiences)) else WRONG_AUDIENCE


def _time_fault(attempt: Attempt, token: Token, provider: JwtProvider) -> str:
    if provider.require_expiration and not token.payload.get("exp"):
        return FAILS
    longest = seconds(provider.max_lifetime)
    if not token.payload.get("exp") and not token.payload.get("nbf"):
        return ""
    if attempt.now is None:
        return "" if attempt.doubt("the time of capture, which is not known, lies within the token's") else EXPIRED
    fault = token.time_fault(attempt.now, provider.clock_skew_seconds or _USUAL_SKEW)
    if not fault and longest and token.payload.get("exp", 0) - attempt.now > longest:
        return FAILS
    return fault


def _subject_fault(token: Token, provider: JwtProvider) -> str:
    if provider.subjects is None:
        return ""
    return "" if string_matches(provider.subjects, str(token.payload.get("sub", ""))).is_yes else FAILS


def _key_fault(attempt: Attempt, text: str, provider: JwtProvider) -> str:
    if present(provider.remote_jwks):
        return "" if attempt.doubt("a key that is fetched fits the token") else FAILS
    if provider.local_jwks is None:
        return NO_VALID_KEY
    keys = provider.local_jwks.text
    if keys is None:
        return "" if attempt.doubt("a key that is not in the configuration fits the token") else FAILS
    verdict = signature_holds(text, keys)
    if verdict.is_unknown:
        return "" if attempt.doubt(f"the signature is right ({verdict.because})") else FAILS
    return verdict.because if verdict.is_no else ""


def _bare_audience(audience: str) -> str:
    """Without scheme and trailing slash, as Envoy compares them."""
    for scheme in ("https://", "http://"):
        if audience.startswith(scheme):
            audience = audience.removeprefix(scheme)
            break
    return audience.removesuffix("/")


def _seconds_since_1970(at: str) -> float | None:
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
