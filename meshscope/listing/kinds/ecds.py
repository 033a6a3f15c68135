"""Extension configurations that Envoy received by ECDS.

https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/extension
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.resource import ECDS
from meshscope.listing.column import PROXY, STATE, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import RowOfProxy
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import parts, steps
from meshscope.mesh.mesh import Mesh
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.extension import Extension


class EcdsRow(RowOfProxy, frozen=True, kw_only=True):
    name: str
    type: str
    version_info: str = ""
    last_updated: str = ""
    error: str | None = None


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[EcdsRow]:
    for proxy, share in parts(selection.proxies(mesh), work):
        for resource in steps(proxy.resources(ECDS, in_effect=selection.in_effect_only), share):
            body = proxy.read(resource, Extension)
            kind = body.type_name if isinstance(body, Extension) else ""
            if fits(selection.name, resource.name) and selection.has_state(resource.state):
                yield EcdsRow(
                    proxy=proxy.name,
                    name=resource.name,
                    type=kind,
                    version_info=resource.version_info,
                    last_updated=resource.last_updated,
                    error=resource.error.details if resource.error else None,
                    state=resource.state,
                    location=resource.location,
                )


KIND: Kind[EcdsRow] = Kind(
    name="ecds",
    filters=("proxy", "namespace", "labels", "name", "state"),
    singular="ecds",
    row=EcdsRow,
    resource=ECDS,
    rows=rows,
    key=lambda row: row.name,
    has_evidence=lambda proxy: proxy.has_evidence(ECDS) or proxy.is_whole,
    columns=(
        PROXY,
        Column("ECDS NAME", lambda row: row.name),
        Column("TYPE", lambda row: row.type),
        STATE,
        Column("ERROR", lambda row: row.error, wide=True),
    ),
)
