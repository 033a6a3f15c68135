"""The names that a proxy's agent resolves itself where it captures DNS, and how it finds one.

istiod sends the table (NDS) and tells it under /debug/ndsz, the agent under its own; what the table does not have is asked
of the pod's name server. https://github.com/istio/istio/blob/master/pkg/dns/proto/nds.proto and pkg/dns/client/dns.go
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Raw, Struct

from meshscope.istio.decoding import decoded
from meshscope.istio.peek import items_of, members_of
from meshscope.location import Location
from meshscope.path import Path, written
from meshscope.snapshot.snapshot import Problem

KUBERNETES = "Kubernetes"
DOMAIN = "svc.cluster.local"
"""Kubernetes' default, for a node that does not say its own."""
MOST_DOTS = 5
"""Kubernetes' `ndots`: a name with fewer is tried below the search domains first."""


class NamedHost(Struct, frozen=True, kw_only=True):
    """A host of the table, also `*.example.com`; `short_name` and `namespace` are those of a Kubernetes service."""

    host: str
    ips: tuple[str, ...]
    registry: str
    short_name: str
    namespace: str
    others: tuple[str, ...]
    location: Location


class _NameInfo(Struct, frozen=True, rename="camel"):
    ips: tuple[str, ...] = ()
    registry: str = ""
    shortname: str = ""
    namespace: str = ""
    alt_hosts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def read_names(value: Raw, place: Location) -> tuple[tuple[NamedHost, ...], tuple[Problem, ...]]:
    """The hosts of a NameTable that have an address: bare, as a resource, in a list of them, or in a ConfigDump."""
    found: list[NamedHost] = []
    problems: list[Problem] = []
    for path, host, raw in _entries(value):
        info = decoded(raw, _NameInfo, place.document.name, written(path))
        if isinstance(info, Problem):
            problems.append(info)
        elif ips := tuple(filter(_is_ip, info.ips)):
            found.append(
                NamedHost(
                    host=_plain(host),
                    ips=ips,
                    registry=info.registry,
                    short_name=_plain(info.shortname),
                    namespace=info.namespace,
                    others=tuple(map(_plain, info.alt_hosts + info.aliases)),
                    location=place.below(path),
                )
            )
    return tuple(found), tuple(problems)


def _entries(value: Raw) -> Iterator[tuple[Path, str, Raw]]:
    configs = members_of(value).get("configs")
    start: Path = () if configs is None else ("configs",)
    listed = value if configs is None else configs
    for index, item in enumerate(items_of(listed)):
        yield from _of_resource(item, (*start, index))
    if configs is None:
        yield from _of_resource(value, ())


def _of_resource(value: Raw, path: Path) -> Iterator[tuple[Path, str, Raw]]:
    """A table under its hosts, or (as a resource by itself) one host under the resource's name."""
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


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class NameTable:
    """The table as the agent of one pod answers from it. `domain` is its node's, with or without the namespace, or ""."""

    def __init__(self, hosts: Iterable[NamedHost], namespace: str, domain: str) -> None:
        self._namespace = namespace
        self._domain = domain.removeprefix(f"{namespace}.") or DOMAIN
        self._search = f".{namespace}.{self._domain}"
        self._known: dict[str, NamedHost] = {}
        ordered = sorted(hosts, key=lambda one: (one.registry != KUBERNETES, one.host))
        for host in ordered:
            self._known.setdefault(host.host, host)
        for host in ordered:
            for name in self._other_names(host):
                self._known.setdefault(name, host)

    def _other_names(self, host: NamedHost) -> Iterator[str]:
        """`name.namespace`, `name.namespace.svc`, and `name` in its own namespace; none for another cluster's domain."""
        yield from host.others
        if host.registry == KUBERNETES and host.short_name and host.host.endswith(self._domain):
            yield f"{host.short_name}.{host.namespace}"
            yield f"{host.short_name}.{host.namespace}.{self._domain.partition('.')[0]}"
            if host.namespace == self._namespace:
                yield host.short_name

    def resolved(self, name: str) -> NamedHost | None:
        """What an application's resolver gets for a name: it asks for one after another until the agent knows one."""
        return next((found for question in self._questions(name.lower()) if (found := self._answer(question))), None)

    def _questions(self, name: str) -> tuple[str, ...]:
        if name.endswith("."):
            return (name.removesuffix("."),)
        beyond = self._domain.partition(".")[2]
        below = (f"{name}{self._search}", f"{name}.{self._domain}", *((f"{name}.{beyond}",) if beyond else ()))
        return (*below, name) if name.count(".") < MOST_DOTS else (name, *below)

    def _answer(self, question: str) -> NamedHost | None:
        """The name itself, else the nearest wildcard. Each name also answers below the first search domain."""
        labels = question.split(".")
        wildcards = (".".join(("*", *labels[index:])) for index in range(1, len(labels)))
        for name in (question, *wildcards):
            found = self._known.get(name) or self._known.get(name.removesuffix(self._search))
            if found is not None:
                return found
        return None
