"""`envoy.filters.http.ext_authz`: another server decides; what is known is whether it is asked at all.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    Reroute,
    assumed,
    ended,
    passed,
    possible,
    shared,
    step,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.metadata import metadata_because, metadata_matches
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.runtime_fraction import is_on, runtime_share
from meshscope.simulation.verdict import Truth
from meshscope.xds.ext_authz import ExtAuthz, ExtAuthzPerRoute

_FORBIDDEN = 403


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    said = overrides[0].message if overrides else None
    if isinstance(said, ExtAuthzPerRoute) and said.disabled:
        return lambda request, context: passed(request, context, entry, "off at this route")
    if not isinstance(own.message, ExtAuthz):
        return lambda request, _: assumed(request, entry, "its configuration does not read")
    return _ExtAuthz(entry, own.message)


class _ExtAuthz:
    def __init__(self, entry: FilterEntry, config: ExtAuthz) -> None:
        self._site, self._config = entry, config

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        if config.filter_enabled_metadata is not None:
            wanted = metadata_matches(config.filter_enabled_metadata, request.metadata, context.envoy)
            if wanted.is_unknown:
                return assumed(request, self._site, wanted.because)
            if wanted.is_no:
                because = metadata_because(config.filter_enabled_metadata, request.metadata)
                return self._disabled(request, context, f"not asked: {because}")
        if config.filter_enabled is None:
            return self._asked(request, context)
        share = runtime_share(config.filter_enabled, request, context.envoy)
        off = self._disabled(request, context, f"filter_enabled: {share}")
        return shared(share.branches(request.random), "external authorization", self._asked(request, context), off)

    def _disabled(self, request: HttpRequest, context: FilterContext, because: str) -> FilterOutcomes:
        flag = self._config.deny_at_disable
        if flag is None or not is_on(
            flag.runtime_key, default=flag.default_value, request=request, envoy=context.envoy
        ):
            return passed(request, context, self._site, because)
        response = local_reply(request, self._config.status_on_error.number(_FORBIDDEN), "ext_authz_error", "UAEX")
        return ended(Disposition.DENIED, response, self._site, f"{because}; deny_at_disable")

    def _asked(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        """A server that fails denies, unless `failure_mode_allow`."""
        config = self._config
        server = config.server or "the authorizer"
        allows = f"{server} allows it{' or fails' if config.failure_mode_allow else ''}"
        steps = (step(self._site, Truth.YES, allows),) if context.explain else ()
        value = Reroute(request) if config.clear_route_cache else request
        response = local_reply(request, _FORBIDDEN, "ext_authz_denied", "UAEX")
        denied = ended(Disposition.DENIED, response, self._site, f"{server} denies it")[0]
        return (Outcome(value, None, allows, steps), possible(denied, f"{server} denies it"))
