"""A pasted curl command as a Request: method, headers, host, addresses, data.

https://curl.se/docs/manpage.html
"""

from __future__ import annotations

import base64
import re
import shlex
from urllib.parse import unquote

from msgspec.structs import replace

from meshscope.simulation.journey.curl_options import URL, options
from meshscope.simulation.journey.curl_proxy import through_proxy
from meshscope.simulation.journey.destination import DEFAULT_PORTS, is_ip, joined, parse_destination
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.request import Request

_DATA = ("data", "data-raw", "data-binary", "data-urlencode", "data-ascii")
_BY_HEADER = {
    "user-agent": ("user-agent", ""),
    "referer": ("referer", ""),
    "cookie": ("cookie", ""),
    "oauth2-bearer": ("authorization", "Bearer "),
    "range": ("range", "bytes="),
}
_FORM = "application/x-www-form-urlencoded"
_TYPES = {"json": "application/json", "form": "multipart/form-data", "form-string": "multipart/form-data"}


def parse_curl(text: str) -> Request:
    """Raises FieldError for text that is no curl command, and for options that change the request and are not followed."""
    try:
        words = shlex.split(text.replace("\\\n", " "))
    except ValueError as error:
        raise FieldError("curl", str(error)) from None
    if words[:1] == ["curl"]:
        words = words[1:]
    command = _Command()
    for option, value in options(words):
        command.take(option, value)
    return command.request()


class _Command:
    """The request as far as its words have been read."""

    def __init__(self) -> None:
        self.url = self.method = self.protocol = self.proxy = self.target = ""
        self.to: list[tuple[str, str]] = []
        self.headers: list[tuple[str, str]] = []
        self.data: list[str] = []
        self.query: list[str] = []
        self.data_in_query = self.has_certificate = self.tunnels = self.uploads = self.keeps_dots = False
        self.pipe = self.source_ip = ""
        self.alpn: tuple[str, ...] | None = None

    def take(self, option: str, value: str) -> None:
        if option == URL:
            if self.url:
                raise FieldError("curl", f"one URL, not {self.url!r} and {value!r}")
            self.url = value
        elif option in _BY_HEADER:
            name, before = _BY_HEADER[option]
            if option == "cookie" and "=" not in value:
                raise FieldError("curl", f"-b {value!r} reads a file; write the cookie itself")
            self.headers.append((name, before + value))
        elif option in (*_DATA, *_TYPES):
            self._body(option, value)
        elif option in ("resolve", "connect-to"):
            self.to.append((option, value))
        elif option in _FLAGS:
            setattr(self, _FLAGS[option], True)
        else:
            self._set(option, value)

    def _set(self, option: str, value: str) -> None:
        """Options of which the last one holds."""
        match option:
            case "request":
                self.method = value
            case "head":
                self.method = self.method or "HEAD"
            case "header":
                self._header(value)
            case "user":
                self._basic(value)
            case "url-query":
                self.query.append(value.removeprefix("+"))
            case "http1.0" | "http1.1" | "http2" | "http2-prior-knowledge":
                self.protocol = option
            case "compressed":
                self.headers.append(("accept-encoding", "deflate, gzip, br, zstd"))
            case "no-alpn":
                self.alpn = ()
            case "interface":
                self.source_ip = value if is_ip(value) else ""
            case _:
                setattr(self, _TEXTS[option], value)

    def _header(self, text: str) -> None:
        """`Name: value`; `Name;` has no value, and `Name:` takes a header of curl's own away."""
        if text.startswith("@"):
            raise FieldError("curl", f"-H {text!r} reads a file; write the headers themselves")
        name, colon, value = text.partition(":")
        if colon and value.strip():
            self.headers.append((name.strip().lower(), value.strip()))
        elif not colon and text.rstrip().endswith(";"):
            self.headers.append((text.rstrip()[:-1].strip().lower(), ""))

    def _basic(self, user: str) -> None:
        self.headers.append(("authorization", "Basic " + base64.b64encode(user.encode()).decode()))

    def _body(self, option: str, value: str) -> None:
        self.data.append(value)
        names = {name for name, _ in self.headers}
        if "content-type" not in names:
            self.headers.append(("content-type", _TYPES.get(option, _FORM)))
        if option == "json" and "accept" not in names:
            self.headers.append(("accept", "application/json"))

    def request(self) -> Request:
        if not self.url:
            raise FieldError("curl", "no URL")
        url, data = self.url if "://" in self.url else f"http://{self.url}", self.data
        if self.data_in_query and data:
            self.query += data
            data = []
            self.headers = [header for header in self.headers if header != ("content-type", _FORM)]
        if self.query:
            url += ("&" if "?" in url else "?") + "&".join(self.query)
        if user := re.match(r"[a-z0-9+.-]+://([^/?#@]*)@", url, re.IGNORECASE):
            self._basic(unquote(user[1]))
        hosts = [value for name, value in self.headers if name == "host"]
        request = Request(
            dest=url if self.keeps_dots else without_dots(url),
            method=self.method or ("POST" if data else "PUT" if self.uploads else "GET"),
            headers=tuple(header for header in self.headers if header[0] != "host"),
            authority=hosts[-1] if hosts else None,
            path=self.target or None,
            protocol=_protocol(self.protocol, url),
            alpn=self.alpn,
            source_ip=self.source_ip,
            client_cert=self.has_certificate or None,
        )
        request = _moved(request, self.to, self.pipe)
        return through_proxy(request, self.proxy, tunnels=self.tunnels) if self.proxy else request


_FLAGS = {
    "get": "data_in_query",
    "proxytunnel": "tunnels",
    "cert": "has_certificate",
    "upload-file": "uploads",
    "path-as-is": "keeps_dots",
}
_TEXTS = {"proxy": "proxy", "request-target": "target", "unix-socket": "pipe"}


def _protocol(said: str, url: str) -> str:
    """`--http2` in plain text only asks for an upgrade, which Envoy does not take."""
    if said == "http2" and not url.lower().startswith("https:"):
        return ""
    return {"http1.0": "http10", "http1.1": "http1", "http2-prior-knowledge": "http2"}.get(said, said)


def without_dots(url: str) -> str:
    """The URL as curl sends it unless `--path-as-is`: `/a/../b` is `/b`. https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4"""
    parts = re.fullmatch(r"(?s)([^:/?#]+://[^/?#]*)(/[^?#]*)(.*)", url)
    if parts is None or "/." not in parts[2]:
        return url
    kept: list[str] = []
    segments = parts[2].split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    end = "/" if segments[-1] in (".", "..") and kept else ""
    return f"{parts[1]}/{'/'.join(kept)}{end}{parts[3]}"


def _moved(request: Request, moves: list[tuple[str, str]], pipe: str) -> Request:
    """To where the options lead the connection; those for other hosts and ports do not count."""
    if pipe:
        return replace(request, to=pipe)
    dest = parse_destination(request.dest)
    if dest is None:
        return request
    port = dest.port or DEFAULT_PORTS.get(dest.scheme or "", 80)
    for option, text in moves:
        host, at, there = _read(option, text)
        if host not in ("", "*", dest.host.lower()) or (at and at != str(port)):
            continue
        name, _, number = there.rpartition(":")
        name = name.strip("[]") or dest.host
        to_port = int(number) if number else port
        if is_ip(name):
            return replace(request, to=joined(name, to_port))
        own = f"[{dest.host}]" if ":" in dest.host else dest.host
        authority = request.authority or (own if port == DEFAULT_PORTS.get(dest.scheme or "") else f"{own}:{port}")
        target = request.path if request.path is not None else dest.path
        return replace(request, dest=f"{dest.scheme}://{name}:{to_port}{target}", authority=authority)
    return request


def _read(option: str, text: str) -> tuple[str, str, str]:
    """Host and port that the option is for ("" for any), and where the connection goes instead."""
    parts = re.fullmatch(r"\+?(\[[^\]]*\]|[^:]*):(\d*):(.*)", text)
    if parts is None or (option == "resolve" and not (parts[2] and parts[3])):
        form = "host:port:address" if option == "resolve" else "host:port:host:port"
        raise FieldError("curl", f"--{option} {text!r} is not {form}")
    host = parts[1].strip("[]").lower()
    if option == "connect-to":
        there = re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d*)", parts[3])
        if there is None:
            raise FieldError("curl", f"--connect-to {text!r} is not host:port:host:port")
        return host, parts[2], parts[3]
    address = parts[3].split(",")[0].strip("[]")
    if not is_ip(address):
        raise FieldError("curl", f"--resolve {text!r} is not host:port:address")
    return host, parts[2], f"[{address}]:{parts[2]}"
