"""`envoy.filters.http.csrf`: the origin of a modifying request must be the request's own host or an additional origin.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/csrf_filter
"""

from __future__ import annotations

import re

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    by_most_specific,
    by_share,
    ends,
    passes,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.string import string_matches
from meshscope.simulation.runtime_fraction import runtime_share
from meshscope.simulation.verdict import any_of
from meshscope.xds.cors import CsrfPolicy

_MODIFYING = ("POST", "PUT", "DELETE", "PATCH")


class _Csrf:
    def __init__(self, entry: FilterEntry, policy: CsrfPolicy) -> None:
        self._entry, self._policy = entry, policy

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        share = runtime_share(self._policy.filter_enabled, request, context.envoy)
        on = self._enabled(request, context)
        off = passes(request, context, self._entry, f"filter_enabled: {share}")
        return by_share(share.branches(request.random), "CSRF", on, off)

    def _enabled(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if request.method not in _MODIFYING:
            return passes(request, context, self._entry, f"method {request.method} is not a modifying one")
        source, target = _source_origin(request), _host_and_port(request.authority or "")
        if source and source == target:
            return passes(request, context, self._entry, f"origin {source!r} is the request's own host")
        additional = any_of(string_matches(one, source) for one in self._policy.additional_origins)
        if source and additional.is_yes:
            return passes(request, context, self._entry, f"origin {source!r} is an additional origin")
        if source and additional.is_unknown:
            return assumed_to_pass(request, self._entry, additional.because)
        because = f"origin is {source!r}; {target!r} was asked" if source else "neither origin nor referer is given"
        return ends(Disposition.DENIED, local_reply(request, 403, "csrf_origin_mismatch"), self._entry, because)


def _source_origin(request: HttpRequest) -> str:
    """Host and port of `origin`, else of `referer`."""
    for name in ("origin", "referer"):
        if origin := _host_and_port(",".join(request.values(name))):
            return origin
    return ""


def _host_and_port(url: str) -> str:
    """The host and port of an absolute URL; any other text as it is."""
    match = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^@/?#]*@)?([^/?#]+)", url)
    return match[1] if match else url


make = by_most_specific(CsrfPolicy, "a CSRF policy", _Csrf)
