"""A connection that reached a connection manager: its codec, what it does before routing, and the ways of each request on it.

What depends on the connection alone is worked out once. A request that was asked before is answered from memory: in a batch
many ways lead through the same proxy with the same request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import Connection, HttpRequest, Session
from meshscope.simulation.connection_manager.codec import codec
from meshscope.simulation.connection_manager.ingress_headers import Ingress
from meshscope.simulation.connection_manager.preparation import Preparation
from meshscope.simulation.endings import NOT_HTTP1, End
from meshscope.simulation.listener.network_filters import ToHttp
from meshscope.simulation.outcome import StageContext
from meshscope.simulation.proxy.compiled_proxy import WORKLOAD_CERTIFICATE, CompiledProxy
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.http_stage import ManagerContext, answer
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import Truth


class TraceOptions(Struct, frozen=True, kw_only=True):
    """What holds for a whole trace: the time of capture, an accepted token, whether steps are wanted, `--internal`."""

    at: str = ""
    claims: dict[str, Any] | None = None
    explain: bool = True
    internal: bool | None = None


class ManagerStage:
    """`draft` is the way up to here; `client` the connection as its client opened it, `connection` as it looks inside."""

    def __init__(  # noqa: PLR0913, PLR0917  # all that a connection manager works with
        self,
        draft: Draft,
        tools: CompiledProxy,
        to_http: ToHttp,
        connection: Connection,
        client: Connection,
        session: Session,
        *,
        explain: bool,
    ) -> None:
        self._tools, self._to_http, self._connection, self._session = tools, to_http, connection, session
        self._stage = StageContext(tools.envoy, to_http.location, explain)
        spoken = codec(to_http.manager, client, session, self._stage)
        self._protocol, self._draft = spoken.value, draft.after(spoken)

    def ways(self, request: HttpRequest | None, run: TraceOptions) -> tuple[Draft, ...]:
        """Every way in which the request goes on or ends; `request` None: what comes is no HTTP."""
        key = _key(request, run) if request else ()
        if key is None:
            return tuple(self._ways(request, run))
        return self._tools.kept.of((self, key), lambda: tuple(self._ways(request, run)))

    def _ways(self, request: HttpRequest | None, run: TraceOptions) -> Iterator[Draft]:
        draft, manager, place = self._draft, self._to_http.manager, self._to_http.location
        if isinstance(self._protocol, End):
            yield draft
            return
        if request is None:
            because = "the client does not speak HTTP"
            yield draft.ended(NOT_HTTP1, Step(kind=StepKind.CODEC, verdict=Truth.NO, because=because, location=place))
            return
        tools, session = self._tools, self._session
        table_name, table = tools.route_table(manager, place)
        internal_only = table.hosts.head.internal_only_headers if table else ()
        identity = tools.identity if session.certificate == WORKLOAD_CERTIFICATE else ""
        preparation = Preparation(
            ingress=Ingress(manager, internal_only, tools.ip, identity, tools.proxy.node),
            connection=self._connection,
            stage=self._stage,
            secured=session.tls,
            internal=run.internal,
        )
        metadata = self._to_http.metadata | request.metadata
        ready = preparation.of(replace(request, protocol=self._protocol, metadata=metadata))
        draft = draft.after(ready)
        if isinstance(ready.value, End):
            mappers = tools.reply_mappers(manager)
            yield mappers.applied(draft, request, self._connection, tools.envoy) if mappers else draft
            return
        asked = ManagerContext(
            tools=tools,
            table=table,
            table_name=table_name,
            filters=tools.http_filters(manager, place),
            connection=self._connection,
            terminates_tls=session.tls,
            at=run.at,
            claims=run.claims,
            explain=run.explain,
            manager=manager,
        )
        yield from answer(draft, asked, ready.value)


def _key(request: HttpRequest, run: TraceOptions) -> tuple[Any, ...] | None:
    """What tells requests on one connection apart; None where that takes more than comparing texts."""
    if request.runtime or request.metadata or run.claims:
        return None
    return (request.method, request.scheme, request.authority, request.path, request.headers, request.protocol,
            request.client_ip, request.internal, request.random, run.at, run.internal)  # fmt: skip
