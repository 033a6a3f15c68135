"""The canonical form of a URL's path, as Chromium's URL library writes it; `normalize_path` asks for it.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
Dot segments are resolved, `\\` becomes `/`, unreserved characters are unescaped, a few others are escaped; `//` stays.
"""

from __future__ import annotations

import re

_PLAIN = r"(?a)(?:/[!$&'()*+,:;=@\[\]\w~-][!$&'()*+,:;=@\[\]\w.~-]*)+/?|/"
_ESCAPE = r"%([0-9A-Fa-f]{2})"
_TO_ESCAPE = frozenset(' "<>^`{|}\x7f') | frozenset(map(chr, range(0x20)))
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PARAMETERS = r"(?<=/)(\.\.?);[^/]*"


def canonical_path(path: str) -> str | None:
    """`path` has no query. None for a path with `%00`, which Envoy refuses."""
    if re.fullmatch(_PLAIN, path):
        return path
    out: list[str] = []
    at, end = 0, len(path)
    while at < end:
        character = path[at]
        if after := _after_dot(path, at):
            at = _write_dots(path, after, out)
            continue
        at += 1
        if character == "\\":
            out.append("/")
        elif character == "%" and (escape := re.match(_ESCAPE, path[at - 1 : at + 2])):
            plain = chr(int(escape[1], 16))
            if plain == "\0":
                return None
            out.append(plain if plain in _UNRESERVED else escape[0])
            at += 2
        elif character in _TO_ESCAPE or not character.isascii():
            out.extend(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
        else:
            out.append(character)
    return "".join(out) or "/"


def without_dot_parameters(path: str) -> str:
    """`/..;x/` becomes `/../`: dot segments lose their parameters, other segments keep theirs."""
    return re.sub(_PARAMETERS, r"\1", path) if ".;" in path else path


def _after_dot(path: str, at: int) -> int:
    """The position after a dot at `at`, plain or escaped; 0 if there is no dot."""
    if path.startswith(".", at):
        return at + 1
    return at + 3 if path[at : at + 3].lower() == "%2e" else 0


def _write_dots(path: str, after: int, out: list[str]) -> int:
    """Writes the dot that ends before `after`, or resolves the segment `.` or `..` that it begins.

    Returns where to read on.
    """
    if not out or out[-1] != "/":
        out.append(".")
        return after
    if after == len(path) or path[after] in "/\\":
        return after + 1
    end = _after_dot(path, after)
    if not end or (end < len(path) and path[end] not in "/\\"):
        out.append(".")
        return after
    if len(out) > 1:
        out.pop()
        while len(out) > 1 and out[-1] != "/":
            out.pop()
    return end + 1
