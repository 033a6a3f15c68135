"""A pasted curl command as a Request: method, headers, host, `--resolve`, data.

https://curl.se/docs/manpage.html
"""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterator

from meshscope.simulation.journey.curl_proxy import through_proxy
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.request import Request

_LONG = {
    "--request": "-X", "--header": "-H", "--data": "-d", "--user-agent": "-A", "--referer": "-e", "--cookie": "-b",
    "--user": "-u", "--head": "-I", "--get": "-G", "--cert": "-E", "--form": "-F", "--proxy": "-x", "--proxytunnel": "-p",
}  # fmt: skip
_WITH_VALUE = "XHdAebuEFomwTKxcUrYyztCDQP"
_VALUES = frozenset((
    "--resolve", "--connect-to", "--url", "--data-raw", "--data-binary", "--data-urlencode", "--data-ascii", "--json",
    "--output", "--max-time", "--connect-timeout", "--cacert", "--capath", "--key", "--interface", "--retry",
    "--retry-delay", "--write-out", "--upload-file", "--limit-rate", "--max-redirs", "--cert-type", "--pass",
    "--ciphers", "--form-string", "--url-query", "--cookie-jar", "--range", "--oauth2-bearer", "--unix-socket", "--config",
    "--dump-header", "--max-filesize", "--trace", "--trace-ascii", "--stderr", "--tls-max", "--local-port", "--key-type",
    "--dns-servers", "--doh-url", "--speed-limit", "--speed-time", "--retry-max-time", "--proxy-user", "--noproxy",
))  # fmt: skip
_DATA = ("-d", "--data-raw", "--data-binary", "--data-urlencode", "--data-ascii")
_BY_HEADER = {
    "-A": ("user-agent", ""),
    "-e": ("referer", ""),
    "-b": ("cookie", ""),
    "--oauth2-bearer": ("authorization", "Bearer "),
}
_FORM = "application/x-www-form-urlencoded"


def parse_curl(text: str) -> Request:
    """Options that do not change the request are skipped. Raises FieldError for text that is no curl command."""
    try:
        words = shlex.split(text.replace("\\\n", " "))
    except ValueError as error:
        raise FieldError("curl", str(error)) from None
    if words[:1] == ["curl"]:
        words = words[1:]
    command = _Command()
    for option, value in _options(words):
        command.take(option, value)
    return command.request()


class _Command:
    """The request as far as its words have been read."""

    def __init__(self) -> None:
        self.url = self.method = self.to = self.protocol = ""
        self.headers: list[tuple[str, str]] = []
        self.data: list[str] = []
        self.data_in_query = self.has_certificate = self.tunnels = False
        self.proxy = ""

    def take(self, option: str, value: str) -> None:
        if option in ("", "--url"):
            if self.url:
                raise FieldError("curl", f"one URL, not {self.url!r} and {value!r}")
            self.url = value
        elif option == "-x":
            self.proxy = value
        elif option == "-p":
            self.tunnels = True
        elif option in _BY_HEADER:
            name, before = _BY_HEADER[option]
            self.headers.append((name, before + value))
        elif option in (*_DATA, "--json", "-F", "--form-string"):
            self._body(option, value)
        else:
            self._set(option, value)

    def _set(self, option: str, value: str) -> None:
        """Options of which the last one holds."""
        match option:
            case "-X":
                self.method = value
            case "-I":
                self.method = self.method or "HEAD"
            case "-H":
                self._header(value)
            case "-u":
                self.headers.append(("authorization", "Basic " + base64.b64encode(value.encode()).decode()))
            case "-G":
                self.data_in_query = True
            case "-E":
                self.has_certificate = True
            case "--resolve":
                self.to = _resolved(value)
            case "--http2" | "--http2-prior-knowledge":
                self.protocol = "http2"

    def _header(self, text: str) -> None:
        name, colon, value = text.partition(":")
        if colon and value.strip():  # curl's `Name:` removes a header
            self.headers.append((name.strip().lower(), value.strip()))

    def _body(self, option: str, value: str) -> None:
        self.data.append(value)
        kinds = {"--json": "application/json", "-F": "multipart/form-data", "--form-string": "multipart/form-data"}
        if not any(name == "content-type" for name, _ in self.headers):
            self.headers.append(("content-type", kinds.get(option, _FORM)))

    def request(self) -> Request:
        if not self.url:
            raise FieldError("curl", "no URL")
        url, data = self.url if "://" in self.url else f"http://{self.url}", self.data
        if self.data_in_query and data:
            url += ("&" if "?" in url else "?") + "&".join(data)
            data = []
            self.headers = [header for header in self.headers if header != ("content-type", _FORM)]
        hosts = [value for name, value in self.headers if name == "host"]
        request = Request(
            dest=url,
            method=self.method or ("POST" if data else "GET"),
            headers=tuple(header for header in self.headers if header[0] != "host"),
            authority=hosts[-1] if hosts else None,
            to=self.to,
            protocol=self.protocol,
            client_cert=self.has_certificate or None,
        )
        return through_proxy(request, self.proxy, tunnels=self.tunnels) if self.proxy else request


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each option with its value ("" for a switch); a URL has the option ""."""
    rest = iter(words)
    for word in rest:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word.partition("=")
            name = _LONG.get(name, name)
            takes = name in _VALUES or (len(name) == 2 and name[1] in _WITH_VALUE)
            yield name, value if equals else _value(rest, word) if takes else ""
        elif word.startswith("-") and len(word) > 1 and word != "--":
            yield from _short(word, rest)
        elif word != "--":
            yield "", word


def _short(word: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    """`-sSXPOST`: switches, then at most one option with a value, which may follow without a space."""
    for position, letter in enumerate(word[1:], 1):
        if letter in _WITH_VALUE:
            yield f"-{letter}", word[position + 1 :] or _value(rest, word)
            return
        yield f"-{letter}", ""


def _value(rest: Iterator[str], option: str) -> str:
    value = next(rest, None)
    if value is None:
        raise FieldError("curl", f"{option} needs a value")
    return value


def _resolved(text: str) -> str:
    """`[+]host:port:address[,address]…` → `address:port`."""
    parts = text.removeprefix("+").split(":", 2)
    if len(parts) < 3 or not parts[1].isdecimal():
        raise FieldError("curl", f"--resolve {text!r} is not host:port:address")
    address = parts[2].split(",")[0].strip("[]")
    return f"[{address}]:{parts[1]}" if ":" in address else f"{address}:{parts[1]}"
