"""Envoy's `/listeners`, JSON and text: the addresses at which a proxy really listens.

Warming and draining listeners are not listed. A listener without a name has a random one here.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/listeners.proto
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from meshscope.envoy.cluster_status_text import TextLine, name_and_address, text_lines
from meshscope.location import Document, Location
from meshscope.path import path_text
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.address import Address
from meshscope.xds.message import Message, Undecodable, decode


class ListenerStatus(Struct, frozen=True):
    """One listener; addresses as in `HostStatus`."""

    name: str
    address: str
    location: Location
    additional_addresses: tuple[str, ...] = ()


class _Listener(Message, frozen=True):
    name: str = ""
    local_address: Address = Address()
    additional_local_addresses: tuple[Address, ...] = ()


class _Listeners(Message, frozen=True):
    listener_statuses: tuple[Raw, ...] = ()


def listener_statuses(value: Raw, location: Location) -> tuple[tuple[ListenerStatus, ...], tuple[Problem, ...]]:
    """The listeners of the JSON form in its order; `location` is the place of `value` in its document."""
    answer = decode(value, _Listeners)
    if isinstance(answer, Undecodable):
        return (), (Problem(location.document.name, f"/listeners: {answer.why}"),)
    listeners, problems = [], []
    for index, item in enumerate(answer.listener_statuses):
        listener, place = decode(item, _Listener), location.below(("listener_statuses", index))
        if isinstance(listener, Undecodable):
            problems.append(Problem(location.document.name, f"{path_text(place.path)}: {listener.why}"))
        else:
            more = tuple(str(address) for address in listener.additional_local_addresses)
            listeners.append(ListenerStatus(listener.name, str(listener.local_address), place, more))
    return tuple(listeners), tuple(problems)


def listener_statuses_text(document: Document) -> tuple[tuple[ListenerStatus, ...], tuple[Problem, ...]]:
    """The listeners of the text form, `NAME::ADDRESS` a line; further lines of a name are additional addresses."""
    listeners: dict[str, ListenerStatus] = {}
    problems = []
    for number, line in enumerate(text_lines(document), 1):
        name, address = name_and_address(line)
        if name and address and name in listeners:
            first = listeners[name]
            more = (*first.additional_addresses, address)
            listeners[name] = msgspec.structs.replace(first, additional_addresses=more)
        elif name and address:
            listeners[name] = ListenerStatus(name, address, TextLine(document, line=number))
        elif line.strip():
            line_number = number + document.skipped_lines
            problems.append(Problem(document.name, f"line {line_number}: not a line of /listeners: {line[:80]}"))
    return tuple(listeners.values()), tuple(problems[:1])
