"""What filters that a request has passed do to the end that it meets afterwards."""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest, Later
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.delay import after_delay
from meshscope.simulation.http_filters.filter import FilterOutcome
from meshscope.simulation.trace import Response


def as_left(outcome: FilterOutcome, request: HttpRequest) -> FilterOutcome:
    """A filter's outcome for a request that earlier filters let pass."""
    if not isinstance(outcome.value, End) or not (request.metadata or request.later):
        return outcome
    return replace(outcome, value=end_of(outcome.value, request))


def end_of(end: End, request: HttpRequest) -> End:
    """The end of a request, as the filters leave it that let it pass."""
    response = end.response
    if response and response.code:
        later = next((one for one in request.later if one.replaces), None)
        if later is not None:
            end = End(end.disposition, Response(code=later.code, flags=response.flags, details=later.details))
    return after_delay(end, request)


def later_end(later: Later) -> End:
    """The answer of a filter that decides late."""
    return End(Disposition.PROTOCOL_ERROR, Response(code=later.code, details=later.details))
