"""`envoy.filters.http.ext_authz`: an external server decides. Only whether it is called is known.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    Reroute,
    assumed_to_pass,
    by_share,
    ends,
    passes,
    step,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.metadata import metadata_because, metadata_matches
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.runtime_fraction import is_on, runtime_share
from meshscope.simulation.verdict import Truth
from meshscope.xds.ext_authz import ExtAuthz, ExtAuthzPerRoute

_FORBIDDEN = 403


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    per_route = overrides[0].message if overrides else None
    if isinstance(per_route, ExtAuthzPerRoute) and per_route.disabled:
        return lambda request, context: passes(request, context, entry, "disabled on this route")
    if not isinstance(own.message, ExtAuthz):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    return _ExtAuthz(entry, own.message)


class _ExtAuthz:
    def __init__(self, entry: FilterEntry, config: ExtAuthz) -> None:
        self._entry, self._config = entry, config

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        if config.filter_enabled_metadata is not None:
            verdict = metadata_matches(config.filter_enabled_metadata, request.metadata, context.envoy)
            if verdict.is_unknown:
                return assumed_to_pass(request, self._entry, verdict.because)
            if verdict.is_no:
                because = metadata_because(config.filter_enabled_metadata, request.metadata)
                return self._disabled(request, context, f"not called: {because}")
        if config.filter_enabled is None:
            return self._enabled(request, context)
        share = runtime_share(config.filter_enabled, request, context.envoy)
        off = self._disabled(request, context, f"filter_enabled: {share}")
        return by_share(share.branches(request.random), "external authorization", self._enabled(request, context), off)

    def _disabled(self, request: HttpRequest, context: FilterContext, because: str) -> FilterOutcomes:
        flag = self._config.deny_at_disable
        if flag is None or not is_on(
            flag.runtime_key, default=flag.default_value, request=request, envoy=context.envoy
        ):
            return passes(request, context, self._entry, because)
        response = local_reply(request, self._config.status_on_error.number(_FORBIDDEN), "ext_authz_error", "UAEX")
        return ends(Disposition.DENIED, response, self._entry, f"{because}; deny_at_disable")

    def _enabled(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        """The server allows or denies the request. A failing server denies it, unless `failure_mode_allow` is set."""
        config = self._config
        server = config.server or "the authorizer"
        allows = f"{server} allows it{' or fails' if config.failure_mode_allow else ''}"
        steps = (step(self._entry, Truth.YES, allows),) if context.explain else ()
        value = Reroute(request) if config.clear_route_cache else request
        response = local_reply(request, _FORBIDDEN, "ext_authz_denied", "UAEX")
        denial = ends(Disposition.DENIED, response, self._entry, f"{server} denies it")[0]
        return (Outcome(value, None, allows, steps), under_condition(denial, f"{server} denies it"))
