"""How a request ends: the words of the contract, and what Envoy's access log says of each ending that is always the same.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#config-access-log-format-response-flags
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/response_code_details
"""

from __future__ import annotations

from enum import StrEnum


class Disposition(StrEnum):
    """A member's value is what `disposition` of a trace's path says."""

    DELIVERED = "delivered"
    """A workload, or an address that no recorded proxy guards, gets the request."""
    REDIRECT = "redirect"
    """The proxy answers with another location: a route's redirect, `require_tls`, an escaped slash in the path."""
    DIRECT_RESPONSE = "direct_response"
    """The proxy answers by configuration: a direct response, a CORS preflight, a health check filter."""
    FAULT = "fault"
    """The fault filter aborts the request."""
    DENIED = "denied"
    """RBAC, JWT, external authorization, CSRF, basic authentication or an API key refuses it."""
    RATE_LIMITED = "rate_limited"
    """A local rate limit that is always closed answers 429."""
    OVERLOAD = "overload"
    """A circuit breaker at zero, `drop_overload`, or maintenance mode answers."""
    PROTOCOL_ERROR = "protocol_error"
    """Codec or connection manager refuses the request, or the two sides speak different protocols."""
    NO_LISTENER = "no_listener"
    """Nothing listens at that address, or only what is warming, rejected or draining."""
    NO_FILTER_CHAIN = "no_filter_chain"
    """No filter chain of the listener matches the connection."""
    TLS_MISMATCH = "tls_mismatch"
    """The TLS handshake cannot succeed: certificate, SAN, trust, version, or a secret that was not delivered."""
    NO_VIRTUAL_HOST = "no_virtual_host"
    """No virtual host of the route table has the request's host."""
    NO_ROUTE = "no_route"
    """The virtual host has no route that matches."""
    NO_CLUSTER = "no_cluster"
    """The route's cluster does not exist."""
    NO_HEALTHY_UPSTREAM = "no_healthy_upstream"
    """The cluster has no host that may be chosen; a black hole cluster never has one."""
    CLOSED = "closed"
    """The connection is closed for another reason."""
    LOOP = "loop"
    """The request returns to a proxy where it has been in the same state."""
    UNKNOWN = "unknown"
    """Something on the way is not modelled or not captured; `assuming` names it."""
