"""Near misses among virtual hosts: what would have to change in a request's host for another one to take it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import islice

from msgspec import Struct

from meshscope.location import Location
from meshscope.mesh.virtual_hosts import VirtualHostName
from meshscope.simulation.matching.near_miss import OFF, one_letter_off
from meshscope.simulation.matching.string import ascii_lower
from meshscope.simulation.trace import Rejected

_MOST_LONGER = 7
"""A letter and a port."""
_MOST_NAMED = 3
_Place = tuple[int, int]
"""Index of the virtual host, index of its domain."""


class HostQuestion(Struct, frozen=True):
    """`host` as it is compared, None without one. `matching` are the domains that match it, the winner first: index of
    the virtual host, domain as configured, rule. `ports_are_cut`: by ignore_port_in_host_matching."""

    host: str | None
    matching: tuple[tuple[int, str, str], ...]
    ports_are_cut: bool


class NearVirtualHosts:
    """Domains by their first label, wildcards by themselves without a port: near ones are found without a walk.

    `only` leaves out the domains without this text, which is the first label of all hosts that will be asked for.
    """

    def __init__(self, names: tuple[VirtualHostName, ...], only: str = "") -> None:
        self._names = names
        self._wild: dict[str, list[_Place]] = defaultdict(list)
        self._label: dict[str, list[_Place]] = defaultdict(list)
        for index, host in enumerate(names):
            for position, domain in enumerate(host.domains):  # a table has tens of thousands
                bare = domain.lower() if domain.isascii() else ascii_lower(domain)
                if only not in bare and "*" not in bare:
                    continue
                if ":" in bare:
                    bare, _ = split_port(bare)
                if "*" in domain and (domain.startswith("*") or domain.endswith("*")):
                    self._wild[bare].append((index, position))
                else:
                    self._label[bare.partition(".")[0]].append((index, position))

    def misses(
        self,
        question: HostQuestion,
        chosen: int | None,
        *,
        location: Location | None,
        limit: int,
    ) -> tuple[Rejected, ...]:
        found: dict[int, Rejected] = {}
        for near, (index, position), because in self._reasons(question):
            if index != chosen and (index not in found or near < found[index].near):
                place = location.below(("virtual_hosts", index, "domains", position)) if location else None
                found[index] = Rejected(self._names[index].name, because, place, near)
        nearest = dict(sorted(found.items(), key=lambda one: one[1].near)[:limit])
        listed = list(nearest.values())
        rest = len(self._names) - len(listed) - (chosen is not None)
        if rest > 0:
            which = "" if question.matching else f": {self._named(nearest.keys(), rest)}"
            listed.append(Rejected(f"{rest} more", f"none of their domains is as near{which}"))
        return tuple(listed)

    def _named(self, but: Collection[int], rest: int) -> str:
        """The first domains of a few others."""
        others = (host.domains[0] for index, host in enumerate(self._names) if index not in but and host.domains)
        return ", ".join(islice(others, _MOST_NAMED)) + (" …" if rest > _MOST_NAMED else "")

    def _reasons(self, question: HostQuestion) -> Iterator[tuple[int, _Place, str]]:
        if question.host is None:
            return
        bare, port = split_port(question.host)
        for place in (*self._wild.get(bare, ()), *self._label.get(first_label(question.host), ())):
            domain = self._domain(place)
            name, wanted = split_port(domain)
            if ascii_lower(name) != bare:
                continue
            if wanted and question.ports_are_cut:
                yield 1, place, f"{domain} has a port, and ignore_port_in_host_matching cuts it off the host"
            elif wanted and wanted != port:
                yield 1, place, f"{domain} would match if the port were {wanted}"
            elif port and not wanted:
                yield 1, place, f"{domain} would match without the port {port}"
        yield from self._other_names(question.host, bare)
        if not question.matching:
            yield from self._off_by_one(question.host, bare)
        yield from self._wildcards(question.host, bare, port)
        for index, domain, rule in question.matching[1:]:
            place = index, self._names[index].domains.index(domain)
            _, winner, better = question.matching[0]
            yield 10, place, f"{rule} {domain} matches too; {better} {winner} comes before it"

    def _domain(self, place: _Place) -> str:
        return self._names[place[0]].domains[place[1]]

    def _other_names(self, host: str, bare: str) -> Iterator[tuple[int, _Place, str]]:
        for place in self._label.get(first_label(host), ()):
            domain = self._domain(place)
            name, _ = split_port(ascii_lower(domain))
            if name.startswith(f"{bare}."):
                yield 2, place, f"{domain} would match the full name, not {host}"
            elif bare.startswith(f"{name}."):
                yield 3, place, f"{domain} would match the short name, not {host}"
            elif name != bare:
                yield 5, place, f"{domain} is another name than {host}"

    def _off_by_one(self, host: str, bare: str) -> Iterator[tuple[int, _Place, str]]:
        for index, named in enumerate(self._names):
            for position, domain in enumerate(named.domains):
                if abs(len(domain) - len(bare)) <= _MOST_LONGER and one_letter_off(
                    split_port(ascii_lower(domain))[0], bare
                ):
                    yield 2, (index, position), f"{domain} is {OFF} {host}"

    def _wildcards(self, host: str, bare: str, port: str) -> Iterator[tuple[int, _Place, str]]:
        for wildcard, because in (
            (f"*{host}", "needs one more character before it"),
            (f"{host}*", "needs one more character after it"),
            (f"*.{bare}", f"does not match {bare} itself"),
        ):
            for place in self._wild.get(wildcard, ()):
                yield 3, place, f"{self._domain(place)} {because}"
        labels = bare.split(".")
        for start in range(1, len(labels) if port else 0):
            for place in self._wild.get("*." + ".".join(labels[start:]), ()):
                yield 4, place, f"{self._domain(place)} would match without the port {port}"


def first_label(host: str) -> str:
    """`reviews` of `reviews.default:9080`."""
    return split_port(host)[0].partition(".")[0]


def split_port(host: str) -> tuple[str, str]:
    """`reviews:9080` as (`reviews`, `9080`); the port is "" without one."""
    colon = host.rfind(":")
    return (host[:colon], host[colon + 1 :]) if colon > host.rfind("]") else (host, "")
