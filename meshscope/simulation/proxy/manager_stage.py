"""A connection that reached a connection manager: its codec, what precedes routing, and the ways of each request on it.

What depends on the connection alone is worked out once. A request that came before is answered from memory: in a batch
many ways lead through the same proxy with the same request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, HttpRequest, Session
from meshscope.simulation.connection_manager.codec import codec
from meshscope.simulation.connection_manager.ingress_headers import IngressHeaders
from meshscope.simulation.connection_manager.preparation import Preparation
from meshscope.simulation.endings import NOT_HTTP1, End
from meshscope.simulation.header_changes import changes
from meshscope.simulation.http_filters.filter import FilterContext
from meshscope.simulation.listener.network_filters import ToHttp
from meshscope.simulation.outcome import StageContext
from meshscope.simulation.proxy.connection_context import ConnectionContext
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.http_stage import answer, as_answered
from meshscope.simulation.proxy.manager_context import ManagerContext
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.trace_options import TraceOptions
from meshscope.simulation.verdict import Truth


class ManagerStage:
    """`draft` is the way up to here; `context` has the connection as it looks inside TLS, `outer` as its client opened it."""

    def __init__(
        self, draft: Draft, to_http: ToHttp, context: ConnectionContext, outer: Connection, session: Session
    ) -> None:
        self._to_http, self._context, self._session = to_http, context, session
        self._stage = StageContext(context.proxy.envoy, to_http.location, context.explain)
        spoken = codec(to_http.manager, outer, session, self._stage)
        self._protocol, self._draft = spoken.value, draft.after(spoken)

    def ways(self, request: HttpRequest | None, options: TraceOptions) -> tuple[Draft, ...]:
        """Every way in which the request goes on or ends; `request` None: the client sends no HTTP."""
        key = _key(request, options) if request else ()
        if key is None:
            return tuple(self._ways(request, options))
        return self._context.proxy.cache.of((self, key), lambda: tuple(self._ways(request, options)))

    def _ways(self, request: HttpRequest | None, options: TraceOptions) -> Iterator[Draft]:
        draft, manager, place = self._draft, self._to_http.manager, self._to_http.location
        if isinstance(self._protocol, End):
            yield draft
            return
        if request is None:
            because = "the client does not speak HTTP"
            yield draft.ended(NOT_HTTP1, Step(kind=StepKind.CODEC, verdict=Truth.NO, because=because, location=place))
            return
        proxy = self._context.proxy
        scoped = proxy.managers.scoped_tables(manager, place)
        if scoped is None:
            table_name, table = proxy.managers.route_table(manager, place)
        else:
            found = scoped.of(request)
            table_name, table = found.name, found.table
        preparation = self._preparation(table.hosts.head.internal_only_headers if table else (), options)
        metadata = self._to_http.metadata | request.metadata
        ready = preparation.of(replace(request, protocol=self._protocol, metadata=metadata))
        draft = draft.after(ready)
        if self._context.explain and not isinstance(ready.value, End):
            draft = draft.told(changes(request, ready.value), StepKind.CONNECTION_MANAGER, StepKind.NETWORK_FILTER)
        if isinstance(ready.value, End):
            mappers = proxy.managers.reply_mappers(manager)
            seen = FilterContext(connection=self._context.connection, envoy=proxy.envoy, options=options)
            draft = mappers.applied(draft, request, seen) if mappers else draft
            yield from as_answered(draft, request, proxy.managers.http_filters(manager, place), seen)
            return
        context = ManagerContext(
            client=self._context,
            options=options,
            table=table,
            table_name=table_name,
            filters=proxy.managers.http_filters(manager, place),
            manager=manager,
            terminates_tls=self._session.tls,
            scoped=scoped,
            place=place,
        )
        yield from answer(draft, context, ready.value)

    def _preparation(self, internal_only: tuple[str, ...], options: TraceOptions) -> Preparation:
        proxy, session = self._context.proxy, self._session
        identities = session.own.uri_sans if session.own else None
        return Preparation(
            ingress=IngressHeaders(self._to_http.manager, internal_only, proxy.ip, identities, proxy.captured.node),
            connection=self._context.connection,
            stage=self._stage,
            terminates_tls=session.tls,
            internal=options.internal,
        )


def _key(request: HttpRequest, options: TraceOptions) -> tuple[Any, ...] | None:
    """What distinguishes requests on one connection; None where that takes more than comparing texts."""
    if request.runtime or request.metadata or options.claims:
        return None
    return (request.method, request.scheme, request.authority, request.path, request.headers, request.protocol,
            request.client_ip, request.internal, request.random, options.at, options.internal)  # fmt: skip
