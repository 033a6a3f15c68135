"""Inline headers: Envoy joins the values of a repeated one by a comma when it reads them, and leaves empty ones out.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
"""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.simulation.request import Headers

INLINE = frozenset({
    "host", ":authority", ":method", ":path", ":protocol", ":scheme", "accept", "accept-encoding",
    "access-control-request-headers", "access-control-request-method", "authorization", "cache-control", "connection",
    "content-encoding", "content-length", "content-type", "expect", "grpc-accept-encoding", "grpc-timeout", "if-match",
    "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "origin", "pragma",
    "proxy-connection", "proxy-status", "referer", "te", "transfer-encoding", "upgrade", "user-agent", "via",
    "x-client-trace-id", "x-envoy-attempt-count", "x-envoy-decorator-operation", "x-envoy-downstream-service-cluster",
    "x-envoy-downstream-service-node", "x-envoy-expected-rq-timeout-ms", "x-envoy-external-address",
    "x-envoy-force-trace", "x-envoy-hedge-on-per-try-timeout", "x-envoy-internal", "x-envoy-ip-tags",
    "x-envoy-is-timeout-retry", "x-envoy-max-retries", "x-envoy-original-host", "x-envoy-original-path",
    "x-envoy-original-url", "x-envoy-retriable-header-names", "x-envoy-retriable-status-codes", "x-envoy-retry-grpc-on",
    "x-envoy-retry-on", "x-envoy-upstream-alt-stat-name", "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-alt-response", "x-envoy-upstream-rq-timeout-ms", "x-forwarded-client-cert",
    "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-request-id",
})  # fmt: skip
"""Those of a stock Envoy; another build may know more."""


def joined_inline(headers: Headers) -> Headers:
    """The headers as Envoy keeps them after reading."""
    names = [name for name, _ in headers]
    return headers if len(set(names)) == len(names) else add_headers((), headers)


def set_header(headers: Headers, name: str, value: str) -> Headers:
    """One value instead of all; at the old place where there is one."""
    if not any(key == name for key, _ in headers):
        return (*headers, (name, value))
    found = False
    out = []
    for key, old in headers:
        if key != name:
            out.append((key, old))
        elif not found:
            found = True
            out.append((key, value))
    return tuple(out)


def add_headers(headers: Headers, additions: Iterable[tuple[str, str]]) -> Headers:
    """Additions to an inline header are joined to it with a comma."""
    for name, value in additions:
        old = next((text for key, text in headers if key == name), None) if name in INLINE else None
        if old is None:
            headers = (*headers, (name, value))
        elif value:
            headers = set_header(headers, name, f"{old},{value}" if old else value)
    return headers


CLIENT_CERT = "x-forwarded-client-cert"


GAP = "…"
"""Stands in that header for a part of which the content is not known; alone for the whole header, or for none."""


def is_hidden(name: str, hidden: frozenset[str]) -> bool:
    """Whether a request's `hidden` headers have this one."""
    return bool(hidden) and name.lower() in hidden
