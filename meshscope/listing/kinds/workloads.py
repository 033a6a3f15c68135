"""Workloads as ztunnels know them: protocol, waypoint, policies. https://istio.io/latest/docs/ambient/usage/troubleshoot-ztunnel/"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.listing.column import Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import steps
from meshscope.mesh.mesh import Mesh
from meshscope.work import UNFOLLOWED, Work


class WorkloadRow(Row, frozen=True, kw_only=True):
    """`protocol` is HBONE or TCP, `waypoint` a destination as the ztunnel has it (`namespace/host` or `network/IP`), null for
    none; `policies` are those that name the workload, `status` is Healthy or Unhealthy.
    """

    name: str
    namespace: str
    addresses: tuple[str, ...]
    node: str
    protocol: str
    waypoint: str | None
    policies: tuple[str, ...]
    service_account: str
    status: str
    uid: str


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[WorkloadRow]:
    ztunnels = mesh.network.ztunnels
    for one, location in steps(tuple(ztunnels.workloads.values()) if ztunnels else (), work):
        if selection.namespace not in ("", one.namespace) or not fits(selection.address, *one.addresses):
            continue
        if not fits(selection.name, one.name, f"{one.name}.{one.namespace}", one.workload_name):
            continue
        old = ",".join(one.waypoint_addresses)
        yield WorkloadRow(
            name=one.name,
            namespace=one.namespace,
            addresses=one.addresses,
            node=one.node,
            protocol=one.protocol,
            waypoint=(one.waypoint.destination if one.waypoint else old) or None,
            policies=one.authorization_policies,
            service_account=one.service_account,
            status=one.status,
            uid=one.uid,
            location=location,
        )


KIND: Kind[WorkloadRow] = Kind(
    name="workloads",
    filters=("namespace", "name", "address"),
    singular="workload",
    row=WorkloadRow,
    rows=rows,
    key=lambda row: row.name,
    aliases=lambda row: (f"{row.name}.{row.namespace}", *row.addresses),
    full_name=lambda row: f"{row.name}.{row.namespace}",
    is_per_proxy=False,
    columns=(
        Column("NAMESPACE", lambda row: row.namespace),
        Column("NAME", lambda row: row.name),
        Column("ADDRESS", lambda row: row.addresses or ("-",)),
        Column("NODE", lambda row: row.node or "-", rank=2),
        Column("WAYPOINT", lambda row: row.waypoint or "-"),
        Column("PROTOCOL", lambda row: row.protocol or "-"),
        Column("POLICIES", lambda row: row.policies or ("-",), rank=1),
        Column("STATUS", lambda row: row.status or "-", rank=1),
        Column("SERVICE ACCOUNT", lambda row: row.service_account, wide=True),
        Column("UID", lambda row: row.uid, wide=True),
    ),
)
