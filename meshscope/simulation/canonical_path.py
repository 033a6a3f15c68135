"""The path of a URL in canonical form, as Chromium's URL library writes it: what `normalize_path` does.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
Dot segments go, `\\` is `/`, escapes of unreserved characters are undone, a few characters are escaped; `//` stays.
"""

from __future__ import annotations

import re

_PLAIN = re.compile(r"(?:/[!$&'()*+,:;=@\[\]\w~-][!$&'()*+,:;=@\[\]\w.~-]*)+/?|/", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_DOT = re.compile(r"\.|%2[eE]")
_ESCAPED = frozenset(' "<>^`{|}\x7f') | frozenset(map(chr, range(0x20)))
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PARAMETERS = re.compile(r"(?<=/)(\.\.?);[^/]*")


def canonical_path(path: str) -> str | None:
    """`path` without its query; None where it holds `%00`, for which Envoy refuses it."""
    if _PLAIN.fullmatch(path):
        return path
    out: list[str] = []
    at, end = 0, len(path)
    while at < end:
        character = path[at]
        dot = _DOT.match(path, at)
        if dot is not None:
            at = _dots(path, dot.end(), out)
            continue
        at += 1
        if character == "\\":
            out.append("/")
        elif character == "%" and (escape := _ESCAPE.match(path, at - 1)):
            decoded = chr(int(escape[1], 16))
            if decoded == "\0":
                return None
            out.append(decoded if decoded in _UNRESERVED else escape[0])
            at = escape.end()
        elif character in _ESCAPED or not character.isascii():
            out.extend(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
        else:
            out.append(character)
    return "".join(out) or "/"


def without_dot_parameters(path: str) -> str:
    """`/..;x/` is `/../`: parameters of dot segments go, those of other segments stay."""
    return _PARAMETERS.sub(r"\1", path) if ".;" in path else path


def _dots(path: str, after: int, out: list[str]) -> int:
    """A dot ends before `after`. Where a segment begins it may be `.` or `..`; answers where to read on."""
    if not out or out[-1] != "/":
        out.append(".")
        return after
    if after == len(path) or path[after] in "/\\":
        return after + 1
    second = _DOT.match(path, after)
    if second is None or (second.end() < len(path) and path[second.end()] not in "/\\"):
        out.append(".")
        return after
    if len(out) > 1:
        out.pop()
        while len(out) > 1 and out[-1] != "/":
            out.pop()
    return second.end() + 1
