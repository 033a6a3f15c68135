from __future__ import annotations

import pytest
from msgspec.structs import replace

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import (
    NO_FILTER_CHAIN,
    NO_LISTENER,
    NO_TLS,
    NOT_HTTP1,
    NOT_HTTP2,
    REFUSED_AFTERWARDS,
    End,
)
from meshscope.simulation.journey.caller import PROTOCOL_ERROR, TERMINATION, TLS_FAILURE, caller_of
from meshscope.simulation.trace import Caller, Direction, FilterChainRef, Hop, Response, Retries, Tls

DENIED = End(Disposition.DENIED, Response(code=403, details="rbac_access_denied_matched_policy[none]"))
REFUSED = "upstream_reset_before_response_started{remote_connection_failure}"


def front(*, retry_on: str = "", http: bool = True, tls: bool = True) -> Hop:
    return Hop(
        proxy="front",
        direction=Direction.OUTBOUND,
        request_headers=((":path", "/"),) if http else None,
        retries=Retries(num_retries=1, retry_on=retry_on, status_codes=(503,)) if retry_on else None,
        tls=Tls("SIMPLE") if tls else None,
    )


def back(*, chain: bool = True) -> Hop:
    return Hop(proxy="back", direction=Direction.INBOUND, filter_chain=FilterChainRef(0, "") if chain else None)


@pytest.mark.parametrize(
    ("first", "end", "logged"),
    [
        (front(), DENIED, (403, "-", "via_upstream")),
        (front(), NO_TLS, (503, "UF", TLS_FAILURE)),
        (front(retry_on="connect-failure"), NO_TLS, (503, "URX,UF", TLS_FAILURE)),
        (front(retry_on="reset"), NO_TLS, (503, "URX,UF", TLS_FAILURE)),
        (front(retry_on="retriable-4xx"), NO_TLS, (503, "UF", TLS_FAILURE)),
        (front(http=False), NO_TLS, (0, "UF,URX", "")),
        (front(), REFUSED_AFTERWARDS, (503, "UC", TERMINATION)),
        (front(retry_on="connect-failure"), REFUSED_AFTERWARDS, (503, "UC", TERMINATION)),
        (front(retry_on="reset"), REFUSED_AFTERWARDS, (503, "URX,UC", TERMINATION)),
        (front(), NOT_HTTP1, (502, "UPE", PROTOCOL_ERROR)),
        (front(), NOT_HTTP2, (503, "UC", TERMINATION)),
        (front(), replace(NOT_HTTP1, in_handshake=True), (503, "UF", TLS_FAILURE)),
        (front(retry_on="connect-failure"), replace(NOT_HTTP1, in_handshake=True), (503, "URX,UF", TLS_FAILURE)),
        (front(), replace(NOT_HTTP2, in_handshake=True), (503, "UF", REFUSED)),
        (front(), NO_LISTENER, (503, "UF", REFUSED)),
        (front(retry_on="5xx"), End(Disposition.FAULT, Response(code=500)), (500, "URX", "via_upstream")),
        (
            front(retry_on="retriable-status-codes"),
            End(Disposition.OVERLOAD, Response(code=503)),
            (503, "URX", "via_upstream"),
        ),
        (front(retry_on="retriable-status-codes"), DENIED, (403, "-", "via_upstream")),
        (front(retry_on="5xx"), DENIED, (403, "-", "via_upstream")),
    ],
)
def test_what_the_first_proxy_logs_where_the_second_decides(first: Hop, end: End, logged: tuple[int, str, str]) -> None:
    code, flags, details = logged
    assert caller_of((first, back()), end) == Caller(code=code, flags=flags, details=details, proxy="front")


def test_a_connection_that_no_chain_takes_is_cut_in_the_handshake_or_behind_it() -> None:
    for tls, details in ((True, REFUSED), (False, TERMINATION)):
        caller = caller_of((front(tls=tls), back(chain=False)), NO_FILTER_CHAIN)
        assert caller is not None
        assert caller.details == details


def test_where_the_first_proxy_decides_or_nobody_knows_there_is_no_caller() -> None:
    assert caller_of((front(),), DENIED) is None
    assert caller_of((front(), back()), None) is None
    assert caller_of((front(), back()), End(Disposition.UNKNOWN, None)) is None
    assert caller_of((front(retry_on="retriable-headers"), back()), DENIED) is None
    assert caller_of((front(http=False), back()), DENIED) is None


def test_only_the_proxy_that_speaks_tls_to_a_server_without_waits_for_its_handshake() -> None:
    ended = replace(NOT_HTTP1, in_handshake=True)
    caller = caller_of((front(), front(), back()), ended)
    assert caller is not None
    assert (caller.code, caller.details) == (503, "via_upstream")
