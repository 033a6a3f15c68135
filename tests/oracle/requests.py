"""Random requests near what configurations hold: the bytes that a client sends, and the same as a trace is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from meshscope import Request
from meshscope.simulation.request import ClientCertificate

from . import certificates, values
from .client import Said, Tls, exchange, proxy_header
from .messages import Json

Address = tuple[str, int]


class Call(NamedTuple):
    """One connection with one request on it; `tls` None is plain text. `body` is sent as it stands behind the headers."""

    source: Address
    destination: Address
    tls: Tls | None = None
    method: str = "GET"
    path: str = "/"
    host: str = "a.example"
    headers: tuple[tuple[str, str], ...] = ()
    tcp: bool = False
    body: str = ""

    def made(self, port: int) -> Said:
        return exchange(port, proxy_header(self.source, self.destination), self.bytes_sent(), self.tls)

    def bytes_sent(self) -> bytes:
        if self.tcp:
            return b"\x00\x01\x02 not HTTP\r\n\r\n\r\n"
        fields = [f"{name}: {value}" for name, value in [("host", self.host), *self._headers()]]
        return "\r\n".join([f"{self.method} {self.path} HTTP/1.1", *fields, "", self.body]).encode("latin-1")

    def _headers(self) -> tuple[tuple[str, str], ...]:
        """The connection is closed behind the request, unless it is to be upgraded."""
        own = any(name == "connection" for name, _ in self.headers)
        return self.headers if own else (*self.headers, ("connection", "close"))

    def asked(self) -> Request:
        spoken: Json = {"protocol": "tcp"} if self.tcp else {
            "protocol": "http1", "method": self.method, "path": self.path, "authority": self.host,
            "headers": self._headers()}  # fmt: skip
        return asked_of_entry(self.source, self.destination, self.tls, spoken)


def asked_of_entry(source: Address, destination: Address, tls: Tls | None, spoken: Json) -> Request:
    """The question of a client that says where it comes from in the PROXY protocol; `spoken` is what it says then."""
    ip, port = destination
    said = tls or Tls()
    return Request(
        listener="entry",
        to=f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}",
        source_ip=source[0],
        source_port=source[1],
        direct_source_ip="127.0.0.1",
        tls=tls is not None,
        sni=said.sni,
        alpn=said.alpn,
        client_cert=ClientCertificate(sans=(certificates.CLIENT,)) if said.certificate else None,
        **spoken,
    )


_names = st.one_of(
    values.header_names,
    st.sampled_from(("x-forwarded-proto", "x-forwarded-for", "origin", "access-control-request-method", "x-envoy-internal",
                     "x-envoy-fault-abort-request", "x-envoy-downstream-service-node", "x-envoy-original-path",
                     "x-envoy-retry-on", "x-envoy-upstream-rq-timeout-ms", "x-forwarded-host")),
)  # fmt: skip
_near = {
    "x-forwarded-proto": st.sampled_from(("http", "https", "", "ftp")),
    "x-forwarded-for": st.lists(st.sampled_from((*values.IPS, "x")), min_size=1, max_size=3).map(", ".join),
    "origin": st.sampled_from(("http://a.example", "https://a.example", "http://b.test", "null")),
    "access-control-request-method": st.sampled_from(("GET", "PUT")),
    "cookie": st.lists(st.sampled_from(("sid=a", "sid=ab", "SID=1", "u=", 'sid="a"', "x")), min_size=1, max_size=3)
    .map("; ".join),
    "content-type": st.sampled_from(("application/grpc", "application/grpc+proto", "application/grpc-web", "text/plain")),
    "x-envoy-downstream-service-node": st.sampled_from(("node-1", "node-2")),
    "x-envoy-fault-abort-request": st.sampled_from(("400", "503", "x", "199")),
    "x-envoy-upstream-rq-timeout-ms": st.sampled_from(("100", "0", "x")),
}  # fmt: skip
_headers = _names.flatmap(lambda name: st.tuples(st.just(name), _near.get(name, values.values)))
# for 127.0.0.1 Envoy writes its own address into x-forwarded-for, and no dump of it tells which that is
_remote = [ip for ip in values.IPS if ip != "127.0.0.1"]
sources = st.tuples(st.sampled_from(_remote), st.sampled_from((1000, 1001, 40000)))
destinations = st.tuples(st.sampled_from(values.IPS[:3]), st.sampled_from(values.PORTS))
_methods = st.one_of(st.just("GET"), st.sampled_from(values.METHODS).filter(lambda method: method != "CONNECT"))


def _hosts_near(table: Json) -> st.SearchStrategy[str]:
    """Mostly hosts that the table's domains cover, or just do not."""
    domains = [domain for host in table["virtual_hosts"] for domain in host["domains"]]
    covered = [domain.replace("*", star) for domain in domains for star in ("x", "x.y")]
    return st.one_of(
        st.sampled_from(covered), st.sampled_from(covered), values.hosts, st.sampled_from(values.ODD_HOSTS)
    )


def _paths_near(table: Json) -> st.SearchStrategy[str]:
    """Paths of its routes, with something behind."""
    found = [text for host in table["virtual_hosts"] for route in host.get("routes", [])
             for text in map(route["match"].get, ("path", "prefix", "path_separated_prefix")) if text]  # fmt: skip
    if not found:
        return values.paths
    more = st.sampled_from(("", "", "/", "/a", "b", "?x=1", "?x=1&y=ab", ";x=1"))
    near = st.builds(
        lambda path, rest: ("" if path.startswith("/") else "/") + path + rest, st.sampled_from(found), more
    )
    return st.one_of(near, near, values.paths)


def _headers_near(message: object) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """Headers that some matcher in the message asks for, and others."""
    found = sorted({pair for pair in _asked_headers(message) if "\n" not in pair[1]})
    near = st.sampled_from(found) if found else _headers
    return st.lists(st.one_of(near, near, _headers), max_size=4).map(tuple)


def _asked_headers(message: object) -> Iterator[tuple[str, str]]:
    if isinstance(message, list):
        for each in message:
            yield from _asked_headers(each)
    if isinstance(message, dict):
        name = message.get("name", ":")
        if name in values.HEADER_NAMES:
            specifiers = {**message, **message.get("string_match", {})}
            words = ("exact", "prefix", "suffix", "contains", "exact_match", "prefix_match", "suffix_match")
            yield from ((name, specifiers[word]) for word in words if word in specifiers)
            if message.get("present_match") or "range_match" in message:
                yield name, "1"
        for each in message.values():
            yield from _asked_headers(each)


def http_calls(table: Json, filters: Sequence[Json]) -> st.SearchStrategy[Call]:
    return st.builds(
        Call,
        source=sources,
        destination=destinations,
        method=_methods,
        path=_paths_near(table),
        host=_hosts_near(table),
        headers=_headers_near([table, *filters]),
        tls=st.none(),
        tcp=st.just(False),  # a field's value
        body=st.just(""),
    )
