"""How a path ends, in the words of its caller; glyphs of verdicts."""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.render.trace.line import Meaning
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Caller, Direction, Path, Response
from meshscope.simulation.verdict import Truth

GLYPHS = {Meaning.WELL: "✓", Meaning.FAILED: "✗", Meaning.UNKNOWN: "?"}

MEANINGS = {Truth.YES: Meaning.WELL, Truth.NO: Meaning.FAILED, Truth.UNKNOWN: Meaning.UNKNOWN}

DEEDS = {
    Disposition.DELIVERED: "delivers it",
    Disposition.REDIRECT: "redirects it",
    Disposition.DIRECT_RESPONSE: "answers it from its own configuration",
    Disposition.FAULT: "aborts it: an injected fault",
    Disposition.DENIED: "denies it",
    Disposition.RATE_LIMITED: "answers 429: its rate limit is always closed",
    Disposition.OVERLOAD: "refuses it: a limit is reached",
    Disposition.PROTOCOL_ERROR: "refuses it: a protocol error",
    Disposition.NO_LISTENER: "has no listener for the connection",
    Disposition.NO_FILTER_CHAIN: "has no filter chain for the connection",
    Disposition.TLS_MISMATCH: "cannot complete the TLS handshake",
    Disposition.NO_VIRTUAL_HOST: "has no virtual host for the request's host",
    Disposition.NO_ROUTE: "has no route for the request",
    Disposition.NO_CLUSTER: "has no cluster of the route's name",
    Disposition.NO_HEALTHY_UPSTREAM: "has no endpoint to send it to",
    Disposition.CLOSED: "closes the connection",
    Disposition.LOOP: "gets it a second time: a loop",
    Disposition.UNKNOWN: "cannot be followed: something that it decides by is unknown",
}
"""What the last proxy of a path does, as the end of a sentence."""


def meaning_of(path: Path) -> Meaning:
    if path.is_well:
        return Meaning.WELL
    return Meaning.UNKNOWN if path.disposition is Disposition.UNKNOWN else Meaning.FAILED


def verdict_words(path: Path) -> str:
    """The status code and flags as the caller's own proxy logs them, then the disposition.

    Flags of another proxy are in its own access log; an inbound one is not beside the caller.
    """
    if path.caller:
        return _words(path, path.caller, "")
    is_callers = len(path.hops) == 1 and path.hops[0].direction is not Direction.INBOUND
    return decided_words(path, with_flags=is_callers)


def decided_words(path: Path, *, with_flags: bool = True) -> str:
    """The same as the proxy logs it that decides."""
    response = path.response
    if response is None:
        return path.disposition.value
    return _words(path, response if with_flags else replace(response, flags="-"), response.location or "")


def _words(path: Path, logged: Response | Caller, location: str) -> str:
    flags = logged.flags if logged.flags not in ("", "-") else ""
    code = str(logged.code) if logged.code else "connection closed"
    where = f"to {location}" if location else ""
    return "  ".join(filter(None, (" ".join(filter(None, (code, flags))), path.disposition.value, where)))


def logged_words(path: Path) -> str:
    """What the access logs say, the deciding proxy's and the caller's; "" where they say no more than the verdict."""
    response, caller = path.response, path.caller
    if response is None or not (response.details or caller):
        return ""
    if caller is None:
        return _log_line(response)
    return f"{path.hops[-1].proxy}: {_log_line(response)} · {caller.proxy}: {_log_line(caller)}"


def _log_line(logged: Response | Caller) -> str:
    return " ".join(filter(None, (str(logged.code), logged.flags.strip("-"), logged.details)))


def share_words(probability: float | None) -> str:
    """A probability as a percentage; an unknown one is never a number."""
    if probability is None:
        return "? %"
    if 0 < probability < 0.005:
        return "<1 %"
    if 0.995 <= probability < 1 - 1e-9:
        return ">99 %"
    return f"{100 * probability:.0f} %"
