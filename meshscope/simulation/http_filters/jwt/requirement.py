"""What a rule of the JWT filter requires, compiled: one provider, any or all of several, or a token that may be missing.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto#extensions-filters-http-jwt-authn-v3-jwtrequirement
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from meshscope.simulation.http_filters.jwt.provider import MISSING, UNKNOWN_ISSUER, Attempt, ProviderCheck
from meshscope.xds.jwt_authn import JwtProvider, JwtRequirement
from meshscope.xds.message import present

Requirement = Callable[[Attempt], str]
"""Answers the status: "" is fine, else Envoy's words."""
Providers = Mapping[str, JwtProvider]


def compiled(required: JwtRequirement, providers: Providers) -> Requirement:
    """A requirement that names an unknown provider is refused at load; here it never holds."""
    if required.requires_any is not None:
        return _any_of(required.requires_any.requirements, providers)
    if required.requires_all is not None:
        return _all_of([compiled(one, providers) for one in required.requires_all.requirements])
    if present(required.allow_missing_or_failed) or present(required.allow_missing):
        return _bypass(required, providers)
    if present(required.extract_only_without_validation):
        return lambda _: ""
    named = required.provider_and_audiences
    name = named.provider_name if named else required.provider_name
    if name not in providers:
        return lambda _: UNKNOWN_ISSUER
    return ProviderCheck((providers[name],), named.audiences if named else (), named=True)


def _bypass(required: JwtRequirement, providers: Providers) -> Requirement:
    check = ProviderCheck(tuple(providers.values()), named=False)
    lets_failed = present(required.allow_missing_or_failed)

    def status(attempt: Attempt) -> str:
        found = check(attempt)
        return "" if lets_failed or found == MISSING else found

    return status


def _any_of(requirements: tuple[JwtRequirement, ...], providers: Providers) -> Requirement:
    """The first that holds; what may be missing or fail forgives the others once all of them have failed."""
    lets_failed = any(present(one.allow_missing_or_failed) for one in requirements)
    lets_missing = any(present(one.allow_missing) for one in requirements)
    children = [
        compiled(one, providers)
        for one in requirements
        if not (present(one.allow_missing) or present(one.allow_missing_or_failed))
    ]

    def status(attempt: Attempt) -> str:
        failed = MISSING
        for child in children:
            found = child(attempt)
            if not found:
                return ""
            if found not in (MISSING, UNKNOWN_ISSUER) or failed == MISSING:
                failed = found
        return "" if lets_failed or (lets_missing and failed == MISSING) else failed

    return status


def _all_of(children: list[Requirement]) -> Requirement:
    return lambda attempt: next(filter(None, (child(attempt) for child in children)), "")
