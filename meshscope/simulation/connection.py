"""What a proxy knows of a connection and of a request on it, at one point of its way. Facts, not configuration.

None means unknown: neither given nor captured. A matcher that needs the value answers unknown.
"""

from __future__ import annotations

from typing import Any, Protocol

from msgspec import Struct

from meshscope.simulation.request import Headers
from meshscope.simulation.verdict import Verdict


class Peer(Struct, frozen=True):
    """One side's certificate as the other sees it. `presented` None: unknown whether there is one. `other_sans` are its
    addresses and mailboxes. `der` is the certificate itself where this input has it, else empty; then `intermediates` are
    what is shown with it.
    """

    presented: bool | None = None
    validated: bool | None = None
    uri_sans: tuple[str, ...] = ()
    dns_sans: tuple[str, ...] = ()
    subject: str = ""
    der: bytes = b""
    intermediates: tuple[bytes, ...] = ()
    other_sans: tuple[str, ...] = ()

    @property
    def sans(self) -> tuple[str, ...]:
        return (*self.uri_sans, *self.dns_sans, *self.other_sans)


class ServerCheck(Protocol):
    """What a client makes of the server's certificate in their handshake. Hashable."""

    def __call__(self, server: Peer, envoy: Envoy) -> Verdict: ...


class Connection(Struct, frozen=True, kw_only=True):
    """One connection at one proxy.

    `destination_ip`/`destination_port` are the local address as restored (original destination); for a pipe or an internal
    listener the IP is None and `is_ip` false. `source_ip` is the remote address after any PROXY protocol, `direct_source_ip`
    the physical peer. `sni` is lower case, "" without one; `alpn` the client's list in order; `transport_protocol` what the
    listener filters detected: `tls`, `raw_buffer`, `quic` or "". `tls` says whether the client speaks TLS at all.
    `application_protocol` is what the client speaks inside: `http1`, `http2`, `tcp`; `follows_alpn`: an HTTP client speaks
    the version that the handshake settles on. `tls_versions` are the client's lowest and highest (`TLSv1_2`), None: unknown,
    and taken to fit; `cipher_suites` those that it lists, () for its defaults. `server_check` None: the client takes any
    certificate, or what it takes is unknown. `restored`: a listener filter set the local address, so that it is an original
    destination; None: no listener filters were asked. `lb_metadata` is its own dynamic metadata `envoy.lb` as JSON, ""
    where nothing is said of it; `lb_keys` those of it that a PROXY protocol header may set.
    """

    destination_ip: str | None = None
    destination_port: int | None = None
    is_ip: bool = True
    source_ip: str | None = None
    source_port: int | None = None
    direct_source_ip: str | None = None
    sni: str = ""
    alpn: tuple[str, ...] = ()
    transport_protocol: str = ""
    tls: bool = False
    application_protocol: str = "http1"
    follows_alpn: bool = True
    peer: Peer = Peer()
    tls_versions: tuple[str, str] | None = None
    cipher_suites: tuple[str, ...] = ()
    server_check: ServerCheck | None = None
    restored: bool | None = None
    lb_metadata: str = ""
    lb_keys: tuple[str, ...] = ()


class Later(Struct, frozen=True):
    """What a filter decides only when the request is on its way: by its body, or by the answer to it.

    `filter` is its name. `ends` and `passes` say in words when it gives its own answer (`code`, `details`), and when it does
    not; `certain`: it does in any case. `replaces`: other local replies become this one, too.
    """

    filter: str
    code: int
    details: str
    ends: str
    passes: str
    certain: bool = False
    replaces: bool = False


class OverrideHost(Struct, frozen=True):
    """The address of the host that the request shall go to, as a session names it; `strict`: to no other one."""

    address: str
    strict: bool = False


class HttpRequest(Struct, frozen=True, kw_only=True):
    """A request as routing sees it at one point: pseudo-headers apart, other headers in order with repetitions.

    Header names are lower case. `authority` None: absent. `client_ip` is the final client address after XFF; `forwarded`: a
    header names it, so that its port is unknown. `internal` as Envoy decides it. `random` None: not given, so that
    fractions and weights branch. `metadata` is dynamic metadata by filter. `grpc` is what the request was when it came,
    which decides the form of local replies; None: what its headers say now. `hidden` names headers of which the value is
    not known; one without a value may be absent, too. `later` is what filters have still to decide. `body` says whether the
    request has one (`yes`, `no`, `unknown`; `whole`: a filter has buffered it), whatever filters made of its headers; "":
    what its headers say now.
    `override_host` is set by a filter for the load balancer.
    """

    method: str = "GET"
    scheme: str = "http"
    authority: str | None = ""
    path: str = "/"
    headers: Headers = ()
    protocol: str = "http1"
    client_ip: str | None = None
    forwarded: bool = False
    internal: bool = False
    random: int | None = None
    runtime: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    grpc: bool | None = None
    hidden: frozenset[str] = frozenset()
    later: tuple[Later, ...] = ()
    body: str = ""
    override_host: OverrideHost | None = None

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a header in order, pseudo-headers and `host` among them; () where it is absent.

        An empty pseudo-header is absent: the codec refuses it, and of what the codec refuses nothing is known.
        """
        name = name.lower()
        if name in (":authority", "host"):
            return () if self.authority is None else (self.authority,)
        if name in (":method", ":path", ":scheme"):
            value = {":method": self.method, ":path": self.path, ":scheme": self.scheme}[name]
            return (value,) if value else ()
        return tuple(value for key, value in self.headers if key == name)

    @property
    def upgrade(self) -> str:
        """The protocol that the request asks for, in its spelling; "" for none. Envoy does not treat `h2c` as an upgrade."""
        if self.method == "CONNECT":
            return "CONNECT"
        protocol = ",".join(self.values("upgrade"))
        if not protocol:
            return ""
        tokens = (token.strip().lower() for token in ",".join(self.values("connection")).split(","))
        return protocol if protocol.lower() != "h2c" and "upgrade" in tokens else ""


class Envoy(Struct, frozen=True):
    """The proxy's version and its runtime, where Envoy's versions differ.

    `version` () is unknown and counts as the newest. `runtime` holds the values in effect, by key.
    """

    version: tuple[int, ...] = ()
    runtime: dict[str, Any] = {}

    def at_least(self, *version: int) -> bool:
        return not self.version or self.version >= version

    def guard(self, name: str, *, default: bool) -> bool:
        """The guard `envoy.reloadable_features.NAME`: its override in the runtime, else `default`."""
        value = self.runtime.get(f"envoy.reloadable_features.{name}")
        return default if value is None else value in (True, "true", 1)


class Session(Struct, frozen=True):
    """`tls`: this chain ended the client's TLS. `alpn`: the protocol settled on, "" for none. `peer`: as the server sees it.
    `own` is the server's own certificate, None where it was not captured; `certificate` its name where SDS delivers one alone.
    """

    tls: bool = False
    alpn: str = ""
    peer: Peer = Peer(presented=False, validated=False)
    certificate: str = ""
    own: Peer | None = None
