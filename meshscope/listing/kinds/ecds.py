"""Extension configurations that Envoy discovered by ECDS."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.resource import ECDS
from meshscope.listing.kind import PROXY, STATE, Column, Kind, Row
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.xds.extension import Extension


class EcdsRow(Row, frozen=True, kw_only=True):
    proxy: str
    name: str
    type: str
    version_info: str = ""
    last_updated: str = ""


def rows(mesh: Mesh, selection: Selection) -> Iterator[EcdsRow]:
    for proxy in selection.proxies(mesh):
        for resource in proxy.resources(ECDS, in_effect=selection.in_effect_only):
            body = proxy.read(resource, Extension)
            kind = body.type_name if isinstance(body, Extension) else ""
            if selection.name in ("", resource.name) and selection.has_state(resource.state):
                yield EcdsRow(
                    proxy=proxy.name,
                    name=resource.name,
                    type=kind,
                    version_info=resource.version_info,
                    last_updated=resource.last_updated,
                    state=resource.state,
                    location=resource.location,
                )


KIND = Kind(
    name="ecds",
    filters="proxy namespace labels name state",
    singular="ecds",
    row=EcdsRow,
    resource=ECDS,
    rows=rows,
    has_evidence=lambda proxy: proxy.has_evidence(ECDS) or proxy.is_whole,
    columns=(PROXY, Column("ECDS NAME", lambda row: row.name), Column("TYPE", lambda row: row.type), STATE),
)
