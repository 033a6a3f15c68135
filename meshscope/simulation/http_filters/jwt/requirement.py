"""A requirement of the JWT filter, compiled: one provider, any or all of several requirements, or an optional token.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto#extensions-filters-http-jwt-authn-v3-jwtrequirement
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from meshscope.simulation.http_filters.jwt.attempt import Attempt
from meshscope.simulation.http_filters.jwt.provider import MISSING, UNKNOWN_ISSUER, ProviderCheck
from meshscope.xds.jwt_authn import JwtProvider, JwtRequirement
from meshscope.xds.message import present

Requirement = Callable[[Attempt], str]
"""Returns the status: "" if the requirement holds, else Envoy's words."""
Providers = Mapping[str, JwtProvider]


def compile_requirement(config: JwtRequirement, providers: Providers) -> Requirement:
    """A requirement with an unknown provider never holds here; Envoy refuses such a configuration."""
    if config.requires_any is not None:
        return _any_of(config.requires_any.requirements, providers)
    if config.requires_all is not None:
        return _all_of([compile_requirement(one, providers) for one in config.requires_all.requirements])
    if present(config.allow_missing_or_failed) or present(config.allow_missing):
        return _optional((config,), providers)
    if present(config.extract_only_without_validation):
        return lambda _: ""
    by_provider = config.provider_and_audiences
    name = by_provider.provider_name if by_provider else config.provider_name
    if name not in providers:
        return lambda _: UNKNOWN_ISSUER
    return ProviderCheck((providers[name],), by_provider.audiences if by_provider else (), named=True)


def _optional(requirements: tuple[JwtRequirement, ...], providers: Providers) -> Requirement:
    """`allow_missing` or `allow_missing_or_failed`, or any of several of them."""
    check = ProviderCheck(tuple(providers.values()), named=False)
    allows_failed = any(present(one.allow_missing_or_failed) for one in requirements)

    def holds(attempt: Attempt) -> str:
        status = check(attempt)
        return "" if allows_failed or status == MISSING else status

    return holds


def _any_of(requirements: tuple[JwtRequirement, ...], providers: Providers) -> Requirement:
    """The first that holds. If none does, `allow_missing` and `allow_missing_or_failed` among them excuse the failures.

    Of nothing but `allow_missing` a token that is there is verified.
    """
    allows_failed = any(present(one.allow_missing_or_failed) for one in requirements)
    allows_missing = any(present(one.allow_missing) for one in requirements)
    children = [
        compile_requirement(one, providers)
        for one in requirements
        if not (present(one.allow_missing) or present(one.allow_missing_or_failed))
    ]

    if not children and (allows_failed or allows_missing):
        return _optional(requirements, providers)

    def holds(attempt: Attempt) -> str:
        failure = MISSING
        for child in children:
            status = child(attempt)
            if not status:
                return ""
            if status not in (MISSING, UNKNOWN_ISSUER) or failure == MISSING:
                failure = status
        return "" if allows_failed or (allows_missing and failure == MISSING) else failure

    return holds


def _all_of(children: list[Requirement]) -> Requirement:
    return lambda attempt: next(filter(None, (child(attempt) for child in children)), "")
