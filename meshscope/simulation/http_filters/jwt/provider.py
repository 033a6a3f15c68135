"""Whether a provider accepts the tokens of a request: issuer, time, audience, subject and key, in Envoy's order.

https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/http/jwt_authn/authenticator.cc
Every token that a named provider finds must be valid.
"""

from __future__ import annotations

from collections.abc import Callable

from meshscope.simulation.http_filters.jwt.attempt import Attempt
from meshscope.simulation.http_filters.jwt.effects import AcceptedToken
from meshscope.simulation.http_filters.jwt.locations import LocatedToken, TokenLocations
from meshscope.simulation.http_filters.jwt.signature import FAILS, NO_VALID_KEY, signature_holds
from meshscope.simulation.http_filters.jwt.token import EXPIRED, NOT_YET_VALID, Token
from meshscope.simulation.matching.string import string_matches
from meshscope.xds.duration import seconds
from meshscope.xds.jwt_authn import JwtProvider
from meshscope.xds.message import present

MISSING = "Jwt is missing"
UNKNOWN_ISSUER = "Jwt issuer is not configured"
WRONG_AUDIENCE = "Audiences in Jwt are not allowed"
_DEFAULT_SKEW = 60


class ProviderCheck:
    """`named`: the requirement names its one provider; otherwise each token's issuer selects one of several."""

    def __init__(self, providers: tuple[JwtProvider, ...], audiences: tuple[str, ...] = (), *, named: bool) -> None:
        self._providers, self._named = providers, named
        self._audiences = frozenset(map(_normalised_audience, audiences))
        self._locations = TokenLocations(providers)

    def __call__(self, attempt: Attempt) -> str:
        """The status: "" or Envoy's words for a fault: the first one of a named provider, else that of the last token."""
        tokens = attempt.tokens(self._locations)
        if not tokens:
            attempt.blame(MISSING, self._providers)
        status = "" if tokens else MISSING
        for located_token, token in tokens:
            provider = self._provider(token)
            status = self._fault(attempt, located_token, token, provider)
            if not status and provider is not None and isinstance(token, Token):
                attempt.accept(AcceptedToken(provider, token, located_token))
                continue
            attempt.blame(status, self._providers if provider is None else (provider,))
            if self._named:
                break
        return status

    def _provider(self, token: Token | str) -> JwtProvider | None:
        if self._named or isinstance(token, str):
            return self._providers[0] if self._named else None
        by_issuer = (one for one in self._providers if one.issuer == token.issuer)
        return next(by_issuer, next((one for one in self._providers if not one.issuer), None))

    def _fault(
        self, attempt: Attempt, located_token: LocatedToken | None, token: Token | str, provider: JwtProvider | None
    ) -> str:
        """Why the token is not valid; "" if it is."""
        if isinstance(token, str):
            return token
        issuers = located_token.issuers if located_token else frozenset(one.issuer for one in self._providers)
        if provider is None or (token.issuer not in issuers and "" not in issuers):
            return UNKNOWN_ISSUER
        checks: tuple[Callable[[], str], ...] = (
            lambda: "" if token.accepted else _time_fault(attempt, token, provider),
            lambda: self._audience_fault(token, provider),
            lambda: _subject_fault(token, provider),
            lambda: "" if token.accepted else _lifetime_fault(attempt, token, provider),
            lambda: (
                "" if token.accepted or located_token is None else _key_fault(attempt, located_token.text, provider)
            ),
        )
        return next(filter(None, (check() for check in checks)), "")

    def _audience_fault(self, token: Token, provider: JwtProvider) -> str:
        allowed_audiences = self._audiences or frozenset(map(_normalised_audience, provider.audiences))
        if not allowed_audiences or (token.accepted and "aud" not in token.payload):
            return ""
        return "" if allowed_audiences & set(map(_normalised_audience, token.audiences)) else WRONG_AUDIENCE


def _time_fault(attempt: Attempt, token: Token, provider: JwtProvider) -> str:
    expires, begins = token.payload.get("exp"), token.payload.get("nbf")
    if not expires and not begins:
        return ""
    if attempt.now is not None:
        return token.time_fault(attempt.now, provider.clock_skew_seconds or _DEFAULT_SKEW)
    if attempt.assume("the token is valid at the time of capture, which is unknown"):
        return ""
    if expires and begins:
        return NOT_YET_VALID if attempt.is_early() else EXPIRED
    return EXPIRED if expires else NOT_YET_VALID


def _lifetime_fault(attempt: Attempt, token: Token, provider: JwtProvider) -> str:
    """An expiry that is missing where one is required, or too far away. Its words are those of a wrong signature."""
    expires, max_lifetime = token.payload.get("exp"), seconds(provider.max_lifetime)
    if not expires:
        return FAILS if provider.require_expiration or max_lifetime else ""
    return FAILS if max_lifetime and attempt.now is not None and expires - attempt.now > max_lifetime else ""


def _subject_fault(token: Token, provider: JwtProvider) -> str:
    if provider.subjects is None:
        return ""
    return "" if string_matches(provider.subjects, str(token.payload.get("sub", ""))).is_yes else FAILS


def _key_fault(attempt: Attempt, text: str, provider: JwtProvider) -> str:
    if present(provider.remote_jwks):
        return "" if attempt.assume("a fetched key verifies the token") else FAILS
    if provider.local_jwks is None:
        return NO_VALID_KEY
    keys = provider.local_jwks.text
    if keys is None:
        return "" if attempt.assume("a key outside the configuration verifies the token") else FAILS
    verdict = signature_holds(text, keys)
    if verdict.is_unknown:
        return "" if attempt.assume(f"the signature is valid ({verdict.because})") else FAILS
    return verdict.because if verdict.is_no else ""


def _normalised_audience(audience: str) -> str:
    """The audience without its scheme and trailing slash, as Envoy compares it."""
    for scheme in ("https://", "http://"):
        if audience.startswith(scheme):
            audience = audience.removeprefix(scheme)
            break
    return audience.removesuffix("/")
