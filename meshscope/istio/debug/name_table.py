"""The name table (NDS) that istiod sends to a proxy's agent, as in /debug/ndsz of istiod and of the agent.

https://github.com/istio/istio/blob/master/pkg/dns/proto/nds.proto
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct

from meshscope.istio.decoding import decode_slice
from meshscope.istio.hosts import is_address
from meshscope.istio.raw_json import items_of, members_of
from meshscope.location import Location
from meshscope.path import Path, path_text
from meshscope.snapshot.snapshot import Problem


class NamedHost(Struct, frozen=True, kw_only=True):
    """A host in the table; it may be `*.example.com`. A Kubernetes service has `short_name` and `namespace`."""

    host: str
    ips: tuple[str, ...]
    registry: str
    short_name: str
    namespace: str
    aliases: tuple[str, ...]
    location: Location


class _NameInfo(Struct, frozen=True, rename="camel"):
    ips: tuple[str, ...] = ()
    registry: str = ""
    shortname: str = ""
    namespace: str = ""
    alt_hosts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def read_names(value: Raw, place: Location) -> tuple[tuple[NamedHost, ...], tuple[Problem, ...]]:
    """The hosts of a NameTable that have an address. The table may be bare, a resource, in a list, or in a ConfigDump."""
    hosts: list[NamedHost] = []
    problems: list[Problem] = []
    for path, host, raw in _entries(value):
        info = decode_slice(raw, _NameInfo, place.document.name, path_text(path))
        if isinstance(info, Problem):
            problems.append(info)
        elif ips := tuple(filter(is_address, info.ips)):
            hosts.append(
                NamedHost(
                    host=_normalised(host),
                    ips=ips,
                    registry=info.registry,
                    short_name=_normalised(info.shortname),
                    namespace=info.namespace,
                    aliases=tuple(map(_normalised, info.alt_hosts + info.aliases)),
                    location=place.below(path),
                )
            )
    return tuple(hosts), tuple(problems)


def _entries(value: Raw) -> Iterator[tuple[Path, str, Raw]]:
    configs = members_of(value).get("configs")
    start: Path = () if configs is None else ("configs",)
    listed = value if configs is None else configs
    for index, item in enumerate(items_of(listed)):
        yield from _resource_entries(item, (*start, index))
    if configs is None:
        yield from _resource_entries(value, ())


def _resource_entries(value: Raw, path: Path) -> Iterator[tuple[Path, str, Raw]]:
    """The entries of a table, or the single entry of a resource that is named after its host."""
    members, name = members_of(value), ""
    if "resource" in members:
        name = _text(members.get("name"))
        members, path = members_of(members["resource"]), (*path, "resource")
    for host, raw in members_of(members.get("table", Raw())).items():
        yield (*path, "table", host), host, raw
    if name and (one := members.get("nameInfo")) is not None:
        yield (*path, "nameInfo"), name, one


def _text(raw: Raw | None) -> str:
    try:
        return msgspec.json.decode(raw or b'""', type=str)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _normalised(name: str) -> str:
    return name.lower().removesuffix(".")
