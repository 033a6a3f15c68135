"""A request to a route table alone: what listeners, filter chains and connection managers do is not asked.

`istioctl proxy-config routes -o json` writes such a table, and `--route-config` names one.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.errors import UsageError
from meshscope.mesh.network.network import Network
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.endings import NO_FILTER_ANSWERS
from meshscope.simulation.journey.client_connection import connection_of
from meshscope.simulation.journey.completion import completed
from meshscope.simulation.journey.partial_path import PartialPath
from meshscope.simulation.journey.source import RequestSource
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.proxy_stage import table_alone
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path
from meshscope.simulation.trace_options import TraceOptions


def through_table(  # noqa: PLR0913, PLR0917  # each is a part of the question
    proxy: CompiledProxy,
    request: Request,
    source: RequestSource,
    network: Network,
    options: TraceOptions,
    assuming: tuple[str, ...] = (),
) -> Iterator[Path]:
    """Every way through the table that the request names. Raises UsageError where the proxy has none of that name."""
    table = proxy.managers.table(request.route_config)
    if table is None:
        raise UsageError(f"{source.name} has no route configuration {request.route_config!r}")
    question = completed(replace(request, protocol=request.protocol or "http1"), source, network)
    http = question.http or HttpRequest()
    if request.internal:
        http = replace(http, internal=True)
    connection = connection_of(request, question, source, None)
    for draft in table_alone(proxy, table, connection, http, options):
        path = PartialPath(assuming=assuming).with_draft(draft)
        yield path.ended(draft.end or NO_FILTER_ANSWERS) if draft.end or draft.forward is None else path.ended(None)
