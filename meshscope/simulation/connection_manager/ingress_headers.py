"""The headers of a request as route matching sees them, after the connection manager has removed some and added others.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_sanitizing
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.connection_manager.client_address import ClientAddress, client_address
from meshscope.simulation.connection_manager.client_cert_header import client_cert_header
from meshscope.simulation.connection_manager.forwarded_for import forwarded_for
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.headers.inline import CLIENT_CERT
from meshscope.simulation.matching.string import NEWEST
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.request import Headers
from meshscope.simulation.trace import Response
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.node import Node

_HOP_BY_HOP = frozenset(("keep-alive", "proxy-connection", "transfer-encoding", "x-envoy-internal"))
_REMOVED_AT_EDGE = frozenset((
    "x-envoy-decorator-operation", "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node",
    "x-envoy-original-path", "x-envoy-original-host",
))  # fmt: skip
_REMOVED_UNLESS_INTERNAL = frozenset((
    "x-envoy-retry-on", "x-envoy-retry-grpc-on", "x-envoy-max-retries", "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms", "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-expected-rq-timeout-ms", "x-envoy-force-trace", "x-envoy-ip-tags", "x-envoy-original-url",
    "x-envoy-hedge-on-per-try-timeout", "x-envoy-retriable-header-names", "x-envoy-retriable-status-codes",
))  # fmt: skip
_STREAM_DURATION = "x-envoy-upstream-stream-duration-ms"
_LOOPBACK = ("127.0.0.1", "::1")


class IngressHeaders(Struct, frozen=True):
    """A connection manager's rules for headers; build it once for each configuration.

    `internal_only` are the route table's `internal_only_headers`. `node_ip` is the proxy's own address, which replaces a
    loopback client in `x-forwarded-for` (None: unknown, the loopback address stays). `identities` are the URI SANs of
    the certificate that it presents to clients, None where they are unknown. `node` is the node of its bootstrap.
    """

    manager: HttpConnectionManager
    internal_only: tuple[str, ...] = ()
    node_ip: str | None = None
    identities: tuple[str, ...] | None = None
    node: Node | None = None

    def apply(
        self, connection: Connection, request: HttpRequest, envoy: Envoy = NEWEST, *, terminates_tls: bool | None = None
    ) -> Outcome[HttpRequest]:
        """The request with its client and headers as routes match them; its path and host are already normalised.

        `terminates_tls` None: the same as `connection.tls`. A generated `x-request-id` is left out, as its value is unknown.
        """
        manager = self.manager
        client = client_address(manager, connection, request, envoy)
        if client.refused:
            end = End(Disposition.DENIED, Response(code=client.refused, details="rejecting_because_detection_failed"))
            return Outcome(end, assuming=client.assuming)
        is_tls = connection.tls if terminates_tls is None else terminates_tls
        removed_names = self._removed_names(request, client, envoy)
        proto = self._proto(connection, is_tls=is_tls)
        added_headers = dict(self._added_headers(connection, request, client, proto))
        client_values = request.values(CLIENT_CERT)
        cert = client_cert_header(manager, client_values, connection.peer, self.identities, terminates_tls=is_tls)
        if cert is not None:
            added_headers[CLIENT_CERT] = cert
        others = tuple(
            header for header in _with_te(request) if header[0] not in removed_names and header[0] not in added_headers
        )
        scheme = _scheme(manager, request, added_headers["x-forwarded-proto"], is_tls=is_tls)
        assuming = client.assuming
        if manager.early_header_mutation_extensions:
            assuming = (*assuming, "early_header_mutation_extensions change nothing that routes match")
        if manager.add_user_agent and self.node is None:
            assuming = (*assuming, "no route matches the headers of add_user_agent (node.cluster is not in this input)")
        result = replace(
            request,
            headers=(*others, *added_headers.items()),
            scheme=scheme,
            client_ip=client.ip,
            forwarded=client.from_header,
            internal=client.internal,
        )
        return Outcome(result, assuming=assuming)

    def _proto(self, connection: Connection, *, is_tls: bool) -> str:
        """The protocol of the connection, or the one that `forward_proto_config` gives its destination port."""
        ports = self.manager.forward_proto_config
        if connection.destination_port in ports.https_destination_ports:
            return "https"
        if connection.destination_port in ports.http_destination_ports:
            return "http"
        return "https" if is_tls else "http"

    def _is_edge(self, client: ClientAddress) -> bool:
        return bool(self.manager.use_remote_address) and not client.internal

    def _removed_names(self, request: HttpRequest, client: ClientAddress, envoy: Envoy) -> frozenset[str]:
        names = _HOP_BY_HOP | {CLIENT_CERT}
        if not request.upgrade:
            names |= {"connection", "upgrade"}
        if not self.manager.proxy_100_continue and ",".join(request.values("expect")).lower() == "100-continue":
            names |= {"expect"}
        if self._is_edge(client):
            names |= _REMOVED_AT_EDGE
            if not self.manager.preserve_external_request_id and self.manager.generate_request_id is not False:
                names |= {"x-request-id"}
        if not client.internal:
            names |= _REMOVED_UNLESS_INTERNAL | {name.lower() for name in self.internal_only}
            if envoy.at_least(1, 40) and envoy.guard("sanitize_upstream_stream_duration_header", default=True):
                names |= {_STREAM_DURATION}
        return names

    def _added_headers(
        self, connection: Connection, request: HttpRequest, client: ClientAddress, connection_scheme: str
    ) -> Iterator[tuple[str, str]]:
        """Headers with their values from here on, whether or not the request has them."""
        manager = self.manager
        is_untrusted = bool(manager.use_remote_address) and manager.xff_num_trusted_hops == 0
        xff, proto = forwarded_for(request), request.values("x-forwarded-proto")
        if client.appends:
            xff = ",".join(filter(None, (xff, self._peer_address(connection)))) or None
        if xff is not None:
            yield "x-forwarded-for", xff
        overwrite = manager.scheme_header_transformation.scheme_to_overwrite
        yield "x-forwarded-proto", overwrite or (connection_scheme if is_untrusted or not proto else ",".join(proto))
        port = connection.destination_port if manager.append_x_forwarded_port else None
        if port is not None and (is_untrusted or not request.values("x-forwarded-port")):
            yield "x-forwarded-port", str(port)
        if client.internal:
            yield "x-envoy-internal", "true"
        if self._is_edge(client) and client.ip is not None:
            yield "x-envoy-external-address", client.ip
        if manager.via:
            yield "via", ", ".join(filter(None, (",".join(request.values("via")), manager.via)))
        if manager.add_user_agent and self.node is not None:
            yield from _user_agent_headers(self.node, request)

    def _peer_address(self, connection: Connection) -> str | None:
        peer = connection.source_ip
        return self.node_ip or peer if peer in _LOOPBACK else peer


def _user_agent_headers(node: Node, request: HttpRequest) -> Iterator[tuple[str, str]]:
    """`add_user_agent`: the node's cluster, even if that is empty, and the node's id unless it is empty."""
    yield "x-envoy-downstream-service-cluster", node.cluster
    if not "".join(request.values("user-agent")):
        yield "user-agent", node.cluster
    if node.id:
        yield "x-envoy-downstream-service-node", node.id


def _with_te(request: HttpRequest) -> Headers:
    """The headers with `te: trailers` or without `te`; those of an upgrade are unchanged."""
    te = request.values("te")
    if not te or request.upgrade:
        return request.headers
    others = tuple(header for header in request.headers if header[0] != "te")
    nominated = [token.strip().lower() for token in ",".join(request.values("connection")).split(",")]
    tokens = [token.strip() for token in ",".join(te).split(",")]
    if "te" in nominated:  # then case does not matter
        tokens = [token.lower() for token in tokens]
    return (*others, ("te", "trailers")) if "trailers" in tokens else others


def _scheme(manager: HttpConnectionManager, request: HttpRequest, proto: str, *, is_tls: bool) -> str:
    """The scheme of HTTP/2 or an absolute target; otherwise a valid x-forwarded-proto, else that of the connection."""
    overwrite = manager.scheme_header_transformation.scheme_to_overwrite
    if overwrite or request.scheme:
        return (overwrite or request.scheme).lower()
    return proto.lower() if proto.lower() in ("http", "https") else "https" if is_tls else "http"
