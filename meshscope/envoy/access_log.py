"""Envoy's access log lines: the default text formats of Envoy and Istio, and JSON with their usual keys.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#default-format-string
https://istio.io/latest/docs/tasks/observability/logs/access-log/#default-access-log-format
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

PEEK = 65_536
"""Bytes of a body that are searched: an access log has a line early, also between the proxy's own messages."""

_START = r'\[\d{4}-\d\d-\d\dT[\d:.]+Z?\] "'
_WORD = r'"((?:[^"\\]|\\.)*)"|(\S+)'

_TEXT = (
    *("code", "flags", "details", "termination_details", "upstream_failure"),
    *("", "", "", "", "", "", ""),  # bytes received and sent, duration, upstream time, forwarded for, agent, request id
    *("authority", "upstream_host", "upstream_cluster", ""),
    *("downstream_local_address", "downstream_remote_address", "server_name", "route"),
)
"""Istio's format after the request line."""
_ENVOYS = 11
"""Envoy's own format lacks details, termination and failure, and ends with the upstream host."""

_JSON = {
    "code": ("response_code", "code"),
    "flags": ("response_flags", "flags"),
    "details": ("response_code_details", "details"),
    "termination_details": ("connection_termination_details", "conn"),
    "upstream_failure": ("upstream_transport_failure_reason", "upfail"),
    "method": ("method",),
    "path": ("path",),
    "protocol": ("protocol",),
    "authority": ("authority", ":authority"),
    "upstream_host": ("upstream_host", "upstream"),
    "upstream_cluster": ("upstream_cluster", "cluster"),
    "downstream_local_address": ("downstream_local_address", "dst"),
    "downstream_remote_address": ("downstream_remote_address", "src"),
    "server_name": ("requested_server_name", "sni"),
    "route": ("route_name", "route"),
}
_DISTINCT = frozenset(keys[0] for keys in _JSON.values()) - {"method", "path", "protocol", "authority"}
_SHORT = frozenset(keys[-1] for keys in _JSON.values()) - {"method", "path", "protocol"}
_FEWEST_SHORT = 5


class AccessLogLine(Struct, frozen=True, kw_only=True):
    """The fields of one line, as text in Envoy's words; "" where the line has `-`, null or nothing. `code` is a number."""

    code: int = 0
    flags: str = ""
    details: str = ""
    termination_details: str = ""
    upstream_failure: str = ""
    method: str = ""
    path: str = ""
    protocol: str = ""
    authority: str = ""
    upstream_host: str = ""
    upstream_cluster: str = ""
    downstream_local_address: str = ""
    downstream_remote_address: str = ""
    server_name: str = ""
    route: str = ""


def is_access_log(body: bytes) -> bool:
    """Whether a line near the beginning is one of an access log."""
    head = body[:PEEK]
    lines = head.decode("utf-8", "replace").split("\n")
    whole = lines if len(head) == len(body) else lines[:-1]
    return any(line[:1] in ("[", "{") and access_log_line(line) is not None for line in whole)


def access_log_line(line: str) -> AccessLogLine | None:
    """The fields of one line; None if it is not an access log line of a known format."""
    line = line.strip()
    if line.startswith("{"):
        return _from_json(line)
    start = re.match(_START, line)
    return _from_text(line[start.end() - 1 :]) if start else None


def _from_text(rest: str) -> AccessLogLine | None:
    request, *tokens = [quoted or bare for quoted, bare in re.findall(_WORD, rest)]
    if len(tokens) < _ENVOYS or not tokens[0].isdecimal():
        return None
    if tokens[2].isdecimal():
        tokens[2:2] = ["", "", ""]
    elif len(tokens) == len(_TEXT) - 1:  # Istio before 1.9 has Mixer's status in place of details and termination
        tokens[2:3] = ["", ""]
    facts = {name: _given(text) for name, text in zip(_TEXT[1:], tokens[1:], strict=False) if name}
    method, _, rest = request.partition(" ")
    path, _, protocol = rest.rpartition(" ")
    return AccessLogLine(
        code=int(tokens[0]), method=_given(method), path=_given(path), protocol=_given(protocol), **facts
    )


def _from_json(line: str) -> AccessLogLine | None:
    try:
        entry = msgspec.json.decode(line, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError):
        return None
    keys = entry.keys()
    if len(keys & _DISTINCT) < 2 and len(keys & _SHORT) < _FEWEST_SHORT:
        return None
    values = {name: next((entry[key] for key in spellings if key in entry), None) for name, spellings in _JSON.items()}
    code = str(values.pop("code"))
    texts = {name: _given(value) for name, value in values.items() if isinstance(value, str)}
    return AccessLogLine(code=int(code) if code.isdecimal() else 0, **texts)


def _given(text: str) -> str:
    return "" if text == "-" else text
