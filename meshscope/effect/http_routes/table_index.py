"""Virtual hosts of a route table by name and by domain: a thousand VirtualServices ask the same table."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from msgspec import Struct

from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_host_names


class TableIndex(Struct, frozen=True):
    by_name: dict[str, int]
    by_domain: dict[str, int]


def indexed(table: RouteTable) -> TableIndex:
    """Kept as long as the table is; of two with one name or domain the first counts."""
    found = _known.get(table)
    if found is None:
        hosts = virtual_host_names(table)
        names = {host.name: index for index, host in reversed(list(enumerate(hosts)))}
        domains = {domain: index for index, host in reversed(list(enumerate(hosts))) for domain in host.domains}
        found = _known[table] = TableIndex(names, domains)
    return found


_known: WeakKeyDictionary[RouteTable, TableIndex] = WeakKeyDictionary()
