"""`envoy.filters.http.csrf`: a request that changes something has to come from its own or an additional origin.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/csrf_filter
"""

from __future__ import annotations

import re

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed,
    ended,
    passed,
    shared,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.string import string_matches
from meshscope.simulation.runtime_fraction import runtime_share
from meshscope.simulation.verdict import any_of
from meshscope.xds.cors import CsrfPolicy

_MODIFYING = ("POST", "PUT", "DELETE", "PATCH")


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    chosen = overrides[0] if overrides else own
    if not isinstance(chosen.message, CsrfPolicy):
        return lambda request, _: assumed(request, entry, "its configuration is not a CSRF policy")
    return _Csrf(FilterEntry(entry.name, entry.type_name, chosen.location or entry.location), chosen.message)


class _Csrf:
    def __init__(self, entry: FilterEntry, policy: CsrfPolicy) -> None:
        self._site, self._policy = entry, policy

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        share = runtime_share(self._policy.filter_enabled, request, context.envoy)
        on = self._enabled(request, context)
        off = passed(request, context, self._site, f"filter_enabled: {share}")
        return shared(share.branches(request.random), "CSRF", on, off)

    def _enabled(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if request.method not in _MODIFYING:
            return passed(request, context, self._site, f"method {request.method} changes nothing")
        source, target = _source_origin(request), _host_and_port(request.authority or "")
        if source and source == target:
            return passed(request, context, self._site, f"origin {source!r} is the request's own host")
        additional = any_of(string_matches(one, source) for one in self._policy.additional_origins)
        if source and additional.is_yes:
            return passed(request, context, self._site, f"origin {source!r} is an additional origin")
        if source and additional.is_unknown:
            return assumed(request, self._site, additional.because)
        because = f"origin is {source!r}; {target!r} was asked" if source else "neither origin nor referer is given"
        return ended(Disposition.DENIED, local_reply(request, 403, "csrf_origin_mismatch"), self._site, because)


def _source_origin(request: HttpRequest) -> str:
    """Host and port of `origin`, else of `referer`."""
    for name in ("origin", "referer"):
        if found := _host_and_port(",".join(request.values(name))):
            return found
    return ""


def _host_and_port(url: str) -> str:
    """Of an absolute URL; other text stands for itself."""
    found = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^@/?#]*@)?([^/?#]+)", url)
    return found[1] if found else url
