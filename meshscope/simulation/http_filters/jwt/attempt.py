"""One request on its way through a requirement of the JWT filter: its tokens, and what is assumed about them.

https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/http/jwt_authn/authenticator.cc
Some facts are unknown (a fetched key, the time of capture). An attempt notes them as assumptions and takes all of them to hold,
or none; the caller makes one attempt of each kind, and another where a token may be too old or too new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.jwt.effects import AcceptedToken, after_token
from meshscope.simulation.http_filters.jwt.locations import LocatedToken, TokenLocations
from meshscope.simulation.http_filters.jwt.token import Token, read_token
from meshscope.simulation.moment import seconds_since_1970
from meshscope.xds.jwt_authn import JwtProvider


class Attempt:
    """`claims` are those of a token that the user states to be accepted. `at` is the time of capture (RFC 3339); `early`: of
    a token that is not valid then, it has yet to begin. `may_be_early`: that was asked.
    """

    def __init__(
        self,
        request: HttpRequest,
        claims: dict[str, Any] | None,
        at: str,
        *,
        assumptions_hold: bool,
        early: bool = False,
    ) -> None:
        self.request, self.claims, self.assumptions_hold = request, claims, assumptions_hold
        self.accepted_tokens: list[AcceptedToken] = []
        self.assumptions: list[str] = []
        self.now = seconds_since_1970(at)
        self.may_be_early, self._early = False, early
        self._blamed: dict[str, list[JwtProvider]] = {}

    def accept(self, token: AcceptedToken) -> None:
        """Changes the request at once, so that the next provider does not see a token that this one removed."""
        self.accepted_tokens.append(token)
        self.request = after_token(self.request, token)

    def tokens(self, locations: TokenLocations) -> tuple[tuple[LocatedToken | None, Token | str], ...]:
        """The request's tokens (or their faults) in the order in which Envoy checks them; without any, the user's claims."""
        tokens = tuple((one, read_token(one.text)) for one in reversed(locations.find(self.request)))
        if not tokens and self.claims is not None:
            return ((None, Token(self.claims, accepted=True)),)
        return tokens

    def assume(self, assumption: str) -> bool:
        """Notes the assumption; returns whether it holds in this attempt."""
        if assumption not in self.assumptions:
            self.assumptions.append(assumption)
        return self.assumptions_hold

    def blame(self, status: str, providers: Iterable[JwtProvider]) -> None:
        """Notes that these providers fail with a status."""
        self._blamed.setdefault(status, []).extend(providers)

    def blamed_for(self, status: str) -> tuple[JwtProvider, ...]:
        return tuple(self._blamed.get(status, ()))

    def is_early(self) -> bool:
        """Whether an invalid token has yet to begin, rather than expired."""
        self.may_be_early = True
        return self._early
