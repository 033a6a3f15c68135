"""`envoy.filters.http.custom_response`: another answer in the place of certain ones, by the answer's status or headers.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/custom_response_filter
It sees the answers of all other filters, wherever it stands, and of the router.
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.endings import UNKNOWN, End
from meshscope.simulation.headers.mutations import HeaderMutation
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    passes,
    step,
)
from meshscope.simulation.http_filters.header_facts import header_facts
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.matching.tree import Inputs, evaluate
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.trace import Response
from meshscope.simulation.verdict import Truth, Unknown
from meshscope.xds.custom_response import CustomResponse, LocalResponsePolicy
from meshscope.xds.extension import Extension
from meshscope.xds.message import Message, Undecodable, decode

_INPUTS = "envoy.type.matcher.v3."


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    config = (overrides[0] if overrides else own).message
    if not isinstance(config, CustomResponse):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    return _CustomResponse(entry, config)


class _CustomResponse:
    def __init__(self, entry: FilterEntry, config: CustomResponse) -> None:
        self._entry, self._tree = entry, config.custom_response_matcher

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        return passes(request, context, self._entry, "sees the answer")

    def answered(self, end: End, request: HttpRequest, context: FilterContext) -> tuple[Outcome[End], ...]:
        response = end.response
        if self._tree is None or response is None:
            return ()
        found = evaluate(self._tree, _inputs(response), envoy=context.envoy)
        if found is None:
            return ()
        policy = found.config if isinstance(found, Extension) else None
        if not isinstance(policy, LocalResponsePolicy):
            because = _why_unknown(found)
            assuming = (f"{self._entry.name}: {because}",)
            return (Outcome(UNKNOWN, steps=(step(self._entry, Truth.UNKNOWN, because),), assuming=assuming),)
        facts = header_facts(request, context, response.headers)
        headers = HeaderMutation(policy.response_headers_to_add, ()).added((), facts)
        status = policy.status_code if policy.status_code is not None else response.code
        grpc = is_grpc(request) if request.grpc is None else request.grpc
        code = 200 if grpc else status
        other = Response(code=code, flags=response.flags, headers=headers)
        because = f"answers {code} in the place of {response.code}"
        return (Outcome(End(end.disposition, other), steps=(step(self._entry, Truth.NO, because),)),)


def _why_unknown(found: Extension | Unknown) -> str:
    if isinstance(found, Unknown):
        return found.because
    return f"what {found.type_name or found.name} answers is not modelled"


class _HeaderInput(Message, frozen=True):
    header_name: str = ""


def _inputs(response: Response) -> Inputs:
    """Inputs of a tree over an answer of Envoy's own."""

    def value(what: Extension) -> str | Unknown | None:
        kind = what.type_name.removeprefix(_INPUTS)
        if kind == "HttpResponseStatusCodeMatchInput":
            return str(response.code)
        if kind == "HttpResponseStatusCodeClassMatchInput":
            return f"{response.code // 100}xx"
        if kind == "HttpResponseLocalReplyMatchInput":
            return "true"
        if kind == "HttpResponseHeaderMatchInput":
            header = decode(what.typed_config, _HeaderInput)
            if isinstance(header, Undecodable):
                return Unknown(f"matcher input: {header.why}")
            name = header.header_name.lower()
            return ",".join(text for key, text in response.headers if key == name) or _other_header(name)
        return Unknown(f"matcher input {what.type_name or what.name}")

    return value


def _other_header(name: str) -> Unknown | None:
    """Of an answer's headers not all are known."""
    if name in ("content-type", "content-length", "date", "server"):
        return Unknown(f"header {name} of the answer")
    return None
