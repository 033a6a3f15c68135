"""`envoy.filters.http.ext_authz`: an external server decides. Whether it is called is known, and whether it can be reached.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.body import buffered, has_body
from meshscope.simulation.http_filters.buffering import outgrows, where_it_fits
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    assumed_to_pass,
    by_share,
    ends,
    passes,
    rerouted,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.metadata import metadata_because, metadata_matches
from meshscope.simulation.runtime_fraction import is_on, runtime_share
from meshscope.xds.ext_authz import BufferSettings, CheckSettings, ExtAuthz, ExtAuthzPerRoute

_FORBIDDEN = 403
_ALLOWED = "x-envoy-auth-failure-mode-allowed"


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    per_route = overrides[0].message if overrides else None
    if isinstance(per_route, ExtAuthzPerRoute) and per_route.disabled:
        return lambda request, context: passes(request, context, entry, "disabled on this route")
    if not isinstance(own.message, ExtAuthz):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    settings = per_route.check_settings if isinstance(per_route, ExtAuthzPerRoute) else CheckSettings()
    body = None
    if not settings.disable_request_body_buffering:
        body = settings.with_request_body or own.message.with_request_body
    return _ExtAuthz(entry, own.message, body)


class _ExtAuthz:
    """`body`: what the server gets of the request's body; None: nothing, so the filter does not wait for it."""

    def __init__(self, entry: FilterEntry, config: ExtAuthz, body: BufferSettings | None) -> None:
        self._entry, self._config, self._body = entry, config, body

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        if context.route.route is None:
            return passes(request, context, self._entry, "not called: there is no route")
        if config.filter_enabled_metadata is not None:
            verdict = metadata_matches(config.filter_enabled_metadata, request.metadata, context.envoy)
            if verdict.is_unknown:
                return assumed_to_pass(request, self._entry, verdict.because)
            if verdict.is_no:
                because = metadata_because(config.filter_enabled_metadata, request.metadata)
                return self._disabled(request, context, f"not called: {because}")
        if config.filter_enabled is None:
            return self._called(request, context)
        share = runtime_share(config.filter_enabled, request, context.envoy)
        off = self._disabled(request, context, f"filter_enabled: {share}")
        return by_share(share.branches(request.random), "external authorization", self._called(request, context), off)

    def _disabled(self, request: HttpRequest, context: FilterContext, because: str) -> FilterOutcomes:
        flag = self._config.deny_at_disable
        if flag is None or not is_on(
            flag.runtime_key, default=flag.default_value, request=request, envoy=context.envoy
        ):
            return passes(request, context, self._entry, because)
        response = local_reply(request, self._config.status_on_error.number(_FORBIDDEN), "ext_authz_error", "UAEX")
        return ends(Disposition.DENIED, response, self._entry, f"{because}; deny_at_disable")

    def _called(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        """The server is called when the body is there that it is to get."""
        body = self._body
        if body is None or has_body(request) is False or request.upgrade.lower() == "websocket":
            return self._enabled(request, context)
        limit = body.max_request_bytes
        if body.allow_partial_message:
            return self._enabled(buffered(request) if outgrows(request, limit) is False else request, context)
        return where_it_fits(self._enabled(buffered(request), context), request, limit, self._entry)

    def _enabled(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        """The server allows or denies the request, or fails; one that cannot be reached fails."""
        config = self._config
        server = config.server or "the authorizer"
        because = context.unreachable(config.cluster) if config.cluster else ""
        if because:
            return (self._failed(request, context, f"{server} fails: {because}"),)
        excused = config.failure_mode_allow and not config.failure_mode_allow_header_add
        allows = f"{server} allows it{' or fails' if excused else ''}"
        allowed = under_condition(passes(request, context, self._entry, allows)[0], allows)
        response = local_reply(request, _FORBIDDEN, "ext_authz_denied", "UAEX")
        denial = ends(Disposition.DENIED, response, self._entry, f"{server} denies it")[0]
        outcomes = [allowed, under_condition(denial, f"{server} denies it")]
        if config.clear_route_cache:
            changes = f"{server} allows it and changes headers"
            (changed,) = rerouted(passes(request, context, self._entry, changes))
            outcomes.insert(1, under_condition(changed, changes))
        if not excused:
            fails = f"{server} fails"
            outcomes.append(under_condition(self._failed(request, context, fails), fails))
        return tuple(outcomes)

    def _failed(self, request: HttpRequest, context: FilterContext, because: str) -> FilterOutcome:
        config = self._config
        if not config.failure_mode_allow:
            response = local_reply(request, config.status_on_error.number(_FORBIDDEN), "ext_authz_error", "UAEX")
            return ends(Disposition.DENIED, response, self._entry, because)[0]
        if config.failure_mode_allow_header_add:
            request = replace(request, headers=(*request.headers, (_ALLOWED, "true")))
        return passes(request, context, self._entry, f"{because}; failure_mode_allow")[0]
