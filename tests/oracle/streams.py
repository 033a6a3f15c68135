"""Random requests over HTTP/2, gRPC's among them, allowed or not."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from meshscope import Request

from . import http2, values
from .client import Said, Tls, proxy_header
from .http2 import Sent
from .requests import Address, asked_of_entry, destinations, sources

Headers = tuple[tuple[str, str], ...]
LONG = "v" * 3000


class Stream(NamedTuple):
    """A request on a connection of its own. `host` and `path` None: it has none; `body` None: the headers end it."""

    source: Address
    destination: Address
    tls: Tls | None = None
    method: str = "GET"
    scheme: str = "http"
    path: str = "/"
    host: str | None = "a.example"
    headers: Headers = ()
    body: bytes | None = None

    @property
    def _stays_open(self) -> bool:
        return self.method == "CONNECT"

    def made(self, port: int) -> Said:
        pseudo = [(":method", self.method), (":scheme", self.scheme), (":authority", self.host), (":path", self.path)]
        bare = self._stays_open and not any(name == ":protocol" for name, _ in self.headers)
        left_out = (":scheme", ":path") if bare else ()
        own = [(name, value) for name, value in pseudo if value is not None and name not in left_out]
        more = [pair for pair in self.headers if pair[0] == ":protocol"]
        rest = [pair for pair in self.headers if pair[0] != ":protocol"]
        header = proxy_header(self.source, self.destination)
        return http2.exchange(port, header, Sent((*own, *more, *rest), self.body, self._stays_open), self.tls)

    def asked(self) -> Request:
        spoken = {"protocol": "http2", "method": self.method, "scheme": self.scheme, "path": self.path,
                  "authority": self.host, "headers": self.headers}  # fmt: skip
        return asked_of_entry(self.source, self.destination, self.tls, spoken)


# with x-forwarded-proto, the log of what is refused before a route is chosen may name a route all the same
NEAR: dict[str, tuple[str, ...]] = {
    "content-type": ("application/grpc", "application/grpc+proto", "application/grpc-web", "application/grpcx", "text/plain"),
    "te": ("trailers", "trailers", "trailers", "Trailers"),
    "grpc-timeout": ("3S", "1700m", "100H", "x", "2000001u", ""),
    "grpc-encoding": ("gzip",),
    "x-envoy-retry-grpc-on": ("cancelled", "unavailable", "x"),
    "x-envoy-retry-on": ("5xx", ""),
    "x-envoy-max-retries": ("0", "3"),
    "x-envoy-upstream-rq-timeout-ms": ("2500", "0", "x"),
    "x-forwarded-for": ("10.0.0.2", "8.8.8.8, 10.0.0.1", "x"),
    "cookie": ("sid=a", "u=", 'sid="a"'),
    "origin": ("http://a.example", "http://b.test"),
    "access-control-request-method": ("GET", "PUT"),
    "x-envoy-fault-abort-request": ("400", "503"),
    "x-envoy-fault-abort-grpc-request": ("5", "14", "x"),
    "expect": ("100-continue", "x"),
    "host": ("b.a.example",),
    "user-agent": ("grpc-c++", "curl/8", ""),
    "x-a": ("1", "a", "a,b", ""),
    "x-b": ("1", "ab", "5x"),
    "x_c": ("1", ""),
    "trailer": ("x-t",),
    "x-long": (LONG,),
}  # fmt: skip
_odd: tuple[tuple[str, str], ...] = (
    ("connection", "close"), ("connection", "upgrade"), ("upgrade", "websocket"), ("keep-alive", "1"),
    ("proxy-connection", "close"), ("transfer-encoding", "chunked"), ("transfer-encoding", "gzip"),
    ("te", "gzip"), ("te", "trailers, deflate"), ("te", " trailers"),
    ("content-length", "x"), ("content-length", "-1"), ("x a", "1"), ("x:a", "1"), ("", "1"), ("x\x00a", "1"), ("x\x7f", "1"),
    ("x(a)", "1"), ("x\xe9", "1"),
    ("x-a", "a\x00"), ("x-a", "a\nb"), ("x-a", "a\rb"), ("x-a", "a\tb"), ("x-a", "\x01"), ("x-a", "\x7f"), ("x-a", "\xe9"),
    ("x-a", " a"), ("x-a", "a "), ("x-a", "\ta"), ("http2-settings", "AAMAAABkAAQAAP__"),
)  # fmt: skip
_pairs = st.sampled_from(sorted(NEAR)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(NEAR[name])))
_headers = st.lists(_pairs, max_size=4)
_schemes = st.sampled_from(("http", "http", "http", "https", "https", "ftp", "HTTP", "1x", "a b"))
_methods = st.one_of(
    st.sampled_from(("GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "TRACE")),
    st.sampled_from(("FOO", "get", "FOO", "A B", "QUERY", "PRI", "G\xe9T")),
)
UDP = "/.well-known/masque/udp/"
_udp_paths = st.sampled_from(
    (f"{UDP}up.example/80/", f"{UDP}2001%3adb8%3a%3a42/x/", f"{UDP}a/80", f"{UDP}a%25/80/", f"{UDP}/80/")
)
_protocols = st.sampled_from(("websocket", "foo", "WebSocket", "connect-udp", "bytestream", "", "a\x00"))
_odd_paths = st.sampled_from(
    ("", "*", "a", "http://a.example/b", "/a b", "/a\tb", "/\x00", "/a#b", "/\xe9", "//a", "/a/../b", "/?", "?x", "/a%", "/<>")
)  # fmt: skip
_odd_hosts = st.sampled_from(
    ("", "a.example:80", "A.example", "u@a.example", "a b", "a.example, b.a.example", "[::1]:80", "a_b", "a/b", "a%2", "a\xe9")
)  # fmt: skip
_paths = st.one_of(values.plain_paths, values.plain_paths, values.paths)


GRPC = (("content-type", "application/grpc"), ("te", "trailers"))


def _without_underscores(headers: Headers) -> Headers:
    """For a stream that is still open when it is answered: there a header that was dropped becomes the reason of its end."""
    return tuple(pair for pair in headers if "_" not in pair[0])


@st.composite
def calls(draw: st.DrawFn, tls: st.SearchStrategy[Tls | None]) -> Stream:
    """Mostly one thing at a time is odd; half of all are gRPC."""
    call = Stream(draw(sources), draw(destinations), draw(tls), path=draw(_paths), host=draw(values.hosts),
                  headers=tuple(draw(_headers)), scheme=draw(st.sampled_from(("http", "https"))))  # fmt: skip
    if draw(st.booleans()):
        others = tuple(pair for pair in call.headers if pair[0] not in ("content-type", "te"))
        call = call._replace(method="POST", headers=(*GRPC, *others))
        call = call._replace(body=draw(st.sampled_from((None, b"", b"\0\0\0\0\0"))))
        call = call._replace(headers=_without_underscores(call.headers) if call.body is not None else call.headers)
    else:
        call = call._replace(method=draw(_methods))
    odd = draw(st.integers(0, 15))
    if odd == 0:
        call = call._replace(headers=(*call.headers, draw(st.sampled_from(_odd))))
    elif odd == 1:
        call = call._replace(path=draw(_odd_paths))
    elif odd == 2:
        call = call._replace(host=draw(_odd_hosts))
    elif odd == 3:
        call = call._replace(scheme=draw(_schemes))
    elif odd == 4:
        call = call._replace(
            headers=(*call.headers, *((f"x-{number}", "1") for number in range(draw(st.integers(1, 9)))))
        )
    elif odd == 5:
        named = draw(_protocols)
        protocol = ((":protocol", named),)
        if named == "connect-udp":
            call = call._replace(path=draw(_udp_paths))
        headers = (*draw(st.sampled_from(((), protocol, protocol))), *_without_underscores(call.headers))
        method = draw(st.sampled_from(("CONNECT", "CONNECT", "CONNECT", "GET")))
        call = call._replace(method=method, body=None, headers=headers)
    return call
