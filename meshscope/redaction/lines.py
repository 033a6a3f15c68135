"""Plain texts line by line: access logs, and Envoy's /clusters, /listeners and /stats. Of any other text nothing is known."""

from __future__ import annotations

import re
from typing import Any

from meshscope.envoy.access_log import access_log_line
from meshscope.redaction import place as kinds
from meshscope.redaction.fields import NUMERIC, form_of, plain
from meshscope.redaction.numbers import FAILURES, decoded, encoded
from meshscope.redaction.place import Place
from meshscope.redaction.texts import redacted_text
from meshscope.redaction.walk import Walk
from meshscope.snapshot.sensitive import REDACTED

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*+)"|(\S++)')
_NAMES = ("code", "flags", "details", "termination_details", "upstream_failure", "received", "sent", "duration", "time",
          "", "", "", "authority", "upstream_host", "upstream_cluster", "upstream_local_address",
          "downstream_local_address", "downstream_remote_address", "server_name", "route")  # fmt: skip
"""Istio's format after the request line; "" for the agent, the request's id and who it was forwarded for."""
_WORDS = frozenset({"details", "termination_details", "upstream_failure"})
_OPENING = re.compile(r"\s*+(?:\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]++(?:Z|[-+][0-9:]++)?\]?)?")
_STATUS = re.compile(r"[^\s?]++")
_STAT = re.compile(
    r"[^\s\"?]{1,512}+: (?:[0-9.e+-]++|No recorded values|P0[P0-9().,naif+e ]*+)|[^\"?\s]++ [0-9.e+-]++|# TYPE \S++ \w++"
)
_VERSION = re.compile(r"(?:[0-9]++\.[0-9][\w.+-]*+|unknown)(?:-[\w.]++)*+")
_READOUT = re.compile(r'([\w.|:;/~@*\[\]-]++: )"[^"]*+"')
_PROMETHEUS = re.compile(r'[a-z0-9_:]++\{(?:[a-z0-9_]++="[^"?]*+",?)*+\} [0-9.e+-]++', re.IGNORECASE)
_LOG_FIELDS = frozenset(map(plain, """
    response_code code response_flags flags response_code_details details connection_termination_details conn
    upstream_transport_failure_reason upfail method path protocol authority :authority upstream_host upstream upstream_cluster
    cluster downstream_local_address dst downstream_remote_address src requested_server_name sni route_name route
    start_time duration bytes_received bytes_sent upstream_service_time upstream_local_address
    """.split()))  # fmt: skip  # noqa: SIM905  # a list of words is read as words


class Lines:
    """The lines of one snapshot's texts."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._values = walk.values

    def text(self, body: bytes, kind: str) -> bytes:
        """`kind` is a document's; the lines of an unknown one are replaced."""
        line = {
            "access_log": self._log, "stats": self._stat, "clusters": self._status, "listeners": self._status,
            "version": self._version,
        }.get(kind, self._other)  # fmt: skip
        lines = body.decode("utf-8", "replace").split("\n")
        new = [line(one) if one.strip() and one != "null" else one for one in lines]
        return body if new == lines else "\n".join(new).encode()

    def _other(self, line: str) -> str:
        self._values.count[kinds.LINE] += line != REDACTED
        return REDACTED

    def _log(self, line: str) -> str:
        if line.lstrip().startswith("{"):
            return self._json(line)
        if access_log_line(line) is not None:
            return self._access(line)
        opening = _OPENING.match(line)
        head = opening[0] if opening else ""
        return f"{head} {self._other('')}" if head.strip() else self._other(line)

    def _json(self, line: str) -> str:
        try:
            value: Any = decoded(line.encode())
        except FAILURES:
            return self._other(line)  # it breaks off, and its secrets cannot be told from the rest
        if not isinstance(value, dict):
            return self._other(line)
        new = {key: self._field(key, member) for key, member in value.items()}
        return line if new == value else encoded(new).decode()

    def _field(self, name: str, value: Any) -> Any:
        if plain(name) in _LOG_FIELDS:
            return self._known(name, value) if isinstance(value, str) else value
        if isinstance(value, str) and (NUMERIC.fullmatch(value) or value == "-"):
            return value
        return self._walk.value(value, Place(plain(name), name, kinds.LOG_FIELD))

    def _known(self, name: str, text: str) -> str:
        if plain(name) == "path":
            return self._values.path(text, is_asked=False)
        return self._values.text(text, Place(plain(name) if form_of(plain(name)) else "name", name))

    def _access(self, line: str) -> str:
        """Names by position; what has none is replaced, but for numbers and addresses."""
        start = line.index('"')
        tokens = list(_TOKEN.finditer(line, start))
        names = _names([match[1] if match[1] is not None else match[2] for match in tokens[1:]])
        pieces, at = [line[:start]], start
        for index, match in enumerate(tokens):
            pieces.append(line[at : match.start()])
            pieces.append(self._request(match[0]) if index == 0 else self._token(match, next(names, "")))
            at = match.end()
        return "".join([*pieces, line[at:]])

    def _request(self, token: str) -> str:
        method, _, rest = token.strip('"').partition(" ")
        path, blank, protocol = rest.rpartition(" ")
        return f'"{method} {self._values.path(path, is_asked=False)}{blank}{protocol}"' if blank else token

    def _token(self, match: re.Match[str], name: str) -> str:
        text = match[1] if match[1] is not None else match[2]
        if NUMERIC.fullmatch(text) or text in ("-", ""):
            return match[0]
        place = Place("reason" if name in _WORDS else "name", name)
        new = self._values.text(text, place if name else Place(kind=kinds.LOG_FIELD))
        return f'"{new}"' if match[1] is not None else new

    def _status(self, line: str) -> str:
        text = line.rstrip("\r")
        return line if "::" in text and _STATUS.fullmatch(text) and redacted_text(text) is text else self._other(line)

    def _version(self, line: str) -> str:
        return line if _VERSION.fullmatch(line.strip()) else self._other(line)

    def _stat(self, line: str) -> str:
        text = line.strip()
        if readout := _READOUT.fullmatch(text):
            return f'{readout[1]}"{self._other("")}"'
        known = _STAT.fullmatch(text) or _PROMETHEUS.fullmatch(text)
        return line if known and redacted_text(text) is text else self._other(line)


def _names(tokens: list[str]) -> Any:
    """The names of a line's tokens after the request. Older formats lack details, or have Mixer's status in their place."""
    names = list(_NAMES)
    if len(tokens) > 2 and tokens[2].isdecimal():
        del names[2:5]
    elif len(tokens) == len(_NAMES) - 1:
        names[2:4] = [""]
    return iter(names)
