"""`local_reply_config`: the first mapper whose filter holds may change the status of a local reply, and adds headers.

The body that it writes is not modelled; its length and type are left out then.
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
"""

from __future__ import annotations

from msgspec import Raw
from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.endings import End
from meshscope.simulation.headers.mutations import HeaderMutation
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.http_filters.filter import FilterContext
from meshscope.simulation.http_filters.header_facts import header_facts
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.runtime_fraction import runtime_value
from meshscope.simulation.verdict import NO, YES, Verdict, all_of, any_of, unknown
from meshscope.xds.local_reply import AccessLogFilter, ComparisonFilter, LocalReplyConfig, ResponseMapper
from meshscope.xds.message import Undecodable, decode

_OPERATORS = {"EQ": int.__eq__, "NE": int.__ne__, "GE": int.__ge__, "LE": int.__le__}


class ReplyMappers:
    """The mappers of one connection manager, read once."""

    def __init__(self, config: Raw) -> None:
        read = decode(config, LocalReplyConfig)
        self._why = read.why if isinstance(read, Undecodable) else ""
        self._mappers = () if isinstance(read, Undecodable) else read.mappers

    def applied(self, draft: Draft, request: HttpRequest, seen: FilterContext) -> Draft:
        """The answer as the client gets it. A gRPC client always gets 200; its `grpc-status` is not followed here.

        Where the codec refuses the request (DPE), the filters see neither the flag nor any header.
        """
        end = draft.end
        if end is None or end.response is None or not end.response.code:
            return draft
        code, flags = end.response.code, end.response.flags
        if "DPE" in flags:
            flags, request = "-", HttpRequest(method="", scheme="", authority=None, path="")
        if is_grpc(request):
            return draft
        if self._why:
            return draft.assumed((f"local_reply_config leaves the answer as it is; it does not read: {self._why}",))
        for index, mapper in enumerate(self._mappers):
            verdict = _holds(mapper.filter, code, flags, request, seen.envoy)
            if verdict.is_unknown:
                words = f"local_reply_config.mappers[{index}] leaves the answer as it is; {verdict.because}"
                return draft.assumed((words,))
            if verdict.is_yes:
                return _mapped(draft, mapper, end, header_facts(request, seen, end.response.headers))
        return draft


def _mapped(draft: Draft, mapper: ResponseMapper, end: End, facts: SubstitutionFacts) -> Draft:
    response = end.response
    assert response is not None  # noqa: S101  # the caller looked
    headers = HeaderMutation(mapper.headers_to_add, ()).added(response.headers, facts)
    code = response.code if mapper.status_code is None else mapper.status_code
    return replace(draft, end=End(end.disposition, replace(response, code=code, headers=headers)))


def _holds(rule: AccessLogFilter, code: int, flags: str, request: HttpRequest, envoy: Envoy) -> Verdict:
    return unknown(rule.doubt) if rule.unread else _decided(rule, code, flags, request, envoy)


def _decided(rule: AccessLogFilter, code: int, flags: str, request: HttpRequest, envoy: Envoy) -> Verdict:
    if (several := rule.and_filter or rule.or_filter) is not None:
        verdicts = (_holds(each, code, flags, request, envoy) for each in several.filters)
        return all_of(verdicts) if rule.and_filter else any_of(verdicts)
    if rule.status_code_filter is not None:
        return _compared(rule.status_code_filter.comparison, code, envoy)
    if rule.runtime_filter is not None:
        return _sampled(rule.runtime_filter.percent_sampled.share, rule.runtime_filter.runtime_key)
    if rule.header_filter is not None:
        return header_matches(rule.header_filter.header, request, envoy, individually=False)
    if rule.response_flag_filter is not None:
        raised = set(flags.split(",")) - {"-"}
        wanted = rule.response_flag_filter.flags
        return YES if (raised & set(wanted) if wanted else raised) else NO
    return unknown("its filter is not modelled")


def _compared(comparison: ComparisonFilter, code: int, envoy: Envoy) -> Verdict:
    value = runtime_value(envoy.runtime, comparison.value.runtime_key)
    limit = int(value) if str(value).isdecimal() else comparison.value.default_value
    holds = _OPERATORS.get(comparison.op.upper())
    if holds is None:
        return unknown(f"status_code_filter {comparison.op}")
    return YES if holds(code, limit) else NO


def _sampled(share: float, key: str) -> Verdict:
    if share in (0.0, 1.0):
        return YES if share else NO
    return unknown(f"its runtime_filter {key} samples")
