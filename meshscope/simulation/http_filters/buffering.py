"""Filters that wait for the whole body of a request: 413 for one that does not fit into their `max_request_bytes`.

https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/flow_control
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.body import body_length, body_of
from meshscope.simulation.http_filters.filter import FilterEntry, FilterOutcomes, ends, under_condition
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.outcome import Outcome, in_sequence


def length_because(request: HttpRequest, limit: int) -> str:
    if body_of(request) == "whole":
        return "a filter before has buffered the body; it comes in one piece"
    given = "".join(request.values("content-length"))
    return f"content-length is {given or 'absent'}; max_request_bytes is {limit}"


def outgrows(request: HttpRequest, limit: int) -> bool | None:
    """Whether the body is larger than a buffer of `limit` bytes; None where that is unknown.

    A body that comes in one piece, as from a filter that has buffered it, is not buffered again, whatever its length. Over
    HTTP/2 a client may send it so; over HTTP/1 the end of a body is a piece of its own.
    """
    length = body_length(request)
    if body_of(request) == "whole" or (length is not None and length <= limit):
        return False
    return True if request.protocol == "http1" and length is not None else None


def where_it_fits(passing: FilterOutcomes, request: HttpRequest, limit: int, entry: FilterEntry) -> FilterOutcomes:
    """`passing` or 413; both, each under its condition, where the length is unknown."""
    is_too_large = outgrows(request, limit)
    if is_too_large is False:
        return passing
    reply = local_reply(request, 413, "request_payload_too_large")
    (refusal,) = ends(Disposition.PROTOCOL_ERROR, reply, entry, length_because(request, limit))
    if is_too_large:
        return (refusal,)
    whole = "" if request.protocol == "http1" else ", or comes in one DATA frame"
    fits = Outcome(request, None, f"the body is within max_request_bytes{whole}")
    return (
        *(in_sequence(fits, one) for one in passing),
        under_condition(refusal, "the body is beyond max_request_bytes"),
    )
