"""The headers of a request as route matching sees them: what the connection manager takes away and adds before.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_sanitizing
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.connection_manager.client_address import Client, client_of, forwarded_for
from meshscope.simulation.connection_manager.client_cert_header import client_cert_header
from meshscope.simulation.connection_manager.upgrades import upgrade_type
from meshscope.simulation.headers.inline import CLIENT_CERT
from meshscope.simulation.matching.string import NEWEST
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.request import Headers
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.node import Node

_HOP_BY_HOP = frozenset(("keep-alive", "proxy-connection", "transfer-encoding", "x-envoy-internal"))
_OF_THE_EDGE = frozenset((
    "x-envoy-decorator-operation", "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node",
    "x-envoy-original-path", "x-envoy-original-host",
))  # fmt: skip
_OF_INTERNAL_CLIENTS = frozenset((
    "x-envoy-retry-on", "x-envoy-retry-grpc-on", "x-envoy-max-retries", "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms", "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-expected-rq-timeout-ms", "x-envoy-force-trace", "x-envoy-ip-tags", "x-envoy-original-url",
    "x-envoy-hedge-on-per-try-timeout", "x-envoy-retriable-header-names", "x-envoy-retriable-status-codes",
))  # fmt: skip
_STREAM_DURATION = "x-envoy-upstream-stream-duration-ms"
_LOOPBACK = ("127.0.0.1", "::1")


class Ingress(Struct, frozen=True):
    """A connection manager at work; build it once for each configuration.

    `internal_only` are the route table's `internal_only_headers`. `node_ip` is the proxy's own address, which stands in
    `x-forwarded-for` for a client on the loopback; where it is not known, the loopback does. `identity` is the URI SAN of the
    certificate that it shows to its clients, "" where that is not known; `node` how it introduces itself.
    """

    manager: HttpConnectionManager
    internal_only: tuple[str, ...] = ()
    node_ip: str | None = None
    identity: str = ""
    node: Node | None = None

    def headers(
        self, connection: Connection, request: HttpRequest, envoy: Envoy = NEWEST, *, secured: bool | None = None
    ) -> Outcome[HttpRequest]:
        """`request` with client and headers as routes match them; path and host are normal already.

        `secured`: this proxy ended the client's TLS (None: as the client speaks). A generated `x-request-id` is left out:
        nobody knows its value.
        """
        manager = self.manager
        client = client_of(manager, connection, request, envoy)
        is_tls = connection.tls if secured is None else secured
        gone = self._taken_away(request, client, envoy)
        added = dict(self._added(connection, request, client, "https" if is_tls else "http"))
        came = request.values(CLIENT_CERT)
        cert = client_cert_header(manager, came, connection.peer, self.identity, secured=is_tls)
        if cert is not None:
            added[CLIENT_CERT] = cert
        kept = tuple(header for header in _with_te(request) if header[0] not in gone and header[0] not in added)
        scheme = _scheme(manager, request, added["x-forwarded-proto"], is_tls=is_tls)
        assuming = client.assuming
        if manager.early_header_mutation_extensions:
            assuming = (*assuming, "early_header_mutation_extensions change nothing that routes look at")
        if manager.add_user_agent and self.node is None:
            assuming = (
                *assuming,
                "add_user_agent writes nothing that routes look at (node.cluster is not in this input)",
            )
        arrived = replace(
            request,
            headers=(*kept, *added.items()),
            scheme=scheme,
            client_ip=client.ip,
            forwarded=client.forwarded,
            internal=client.internal,
        )
        return Outcome(arrived, assuming=assuming)

    def _is_edge(self, client: Client) -> bool:
        return bool(self.manager.use_remote_address) and not client.internal

    def _taken_away(self, request: HttpRequest, client: Client, envoy: Envoy) -> frozenset[str]:
        gone = _HOP_BY_HOP | {CLIENT_CERT}
        if not upgrade_type(request):
            gone |= {"connection", "upgrade"}
        if self._is_edge(client):
            gone |= _OF_THE_EDGE
            if not self.manager.preserve_external_request_id and self.manager.generate_request_id is not False:
                gone |= {"x-request-id"}
        if not client.internal:
            gone |= _OF_INTERNAL_CLIENTS | {name.lower() for name in self.internal_only}
            if envoy.at_least(1, 40) and envoy.guard("sanitize_upstream_stream_duration_header", default=True):
                gone |= {_STREAM_DURATION}
        return gone

    def _added(
        self, connection: Connection, request: HttpRequest, client: Client, spoken: str
    ) -> Iterator[tuple[str, str]]:
        """What is set, whether it was there or not."""
        manager = self.manager
        untrusted = bool(manager.use_remote_address) and manager.xff_num_trusted_hops == 0
        forwarded, proto = forwarded_for(request), request.values("x-forwarded-proto")
        if manager.use_remote_address and not manager.skip_xff_append:
            forwarded = ",".join(filter(None, (forwarded, self._hop(connection)))) or None
        if forwarded is not None:
            yield "x-forwarded-for", forwarded
        overwritten = manager.scheme_header_transformation.scheme_to_overwrite
        yield "x-forwarded-proto", overwritten or (spoken if untrusted or not proto else ",".join(proto))
        port = connection.destination_port if manager.append_x_forwarded_port else None
        if port is not None and (untrusted or not request.values("x-forwarded-port")):
            yield "x-forwarded-port", str(port)
        if client.internal:
            yield "x-envoy-internal", "true"
        if self._is_edge(client) and client.ip is not None:
            yield "x-envoy-external-address", client.ip
        if manager.via:
            yield "via", ", ".join(filter(None, (",".join(request.values("via")), manager.via)))
        if manager.add_user_agent and self.node is not None:
            yield from _introduced(self.node, request)

    def _hop(self, connection: Connection) -> str | None:
        peer = connection.source_ip
        return self.node_ip or peer if peer in _LOOPBACK else peer


def _introduced(node: Node, request: HttpRequest) -> Iterator[tuple[str, str]]:
    """`add_user_agent`: the cluster even where it has no name, the node only where it has one."""
    yield "x-envoy-downstream-service-cluster", node.cluster
    if not "".join(request.values("user-agent")):
        yield "user-agent", node.cluster
    if node.id:
        yield "x-envoy-downstream-service-node", node.id


def _with_te(request: HttpRequest) -> Headers:
    """`te` is `trailers` or nothing, but for upgrades."""
    te = request.values("te")
    if not te or upgrade_type(request):
        return request.headers
    others = tuple(header for header in request.headers if header[0] != "te")
    tokens = (token.strip().lower() for token in ",".join(te).split(","))
    return (*others, ("te", "trailers")) if "trailers" in tokens else others


def _scheme(manager: HttpConnectionManager, request: HttpRequest, proto: str, *, is_tls: bool) -> str:
    """HTTP/2 says its scheme, an absolute target too; otherwise a valid x-forwarded-proto, else the connection."""
    overwritten = manager.scheme_header_transformation.scheme_to_overwrite
    if overwritten or request.scheme:
        return (overwritten or request.scheme).lower()
    return proto.lower() if proto.lower() in ("http", "https") else "https" if is_tls else "http"
