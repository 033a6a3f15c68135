"""What still reads of a listener that does not: its address, and each filter chain of its own."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Raw

from meshscope.xds.filter_chain import FilterChain, FilterChainMatch
from meshscope.xds.listener import Listener, ListenerHead
from meshscope.xds.listener_filter import ListenerFilter
from meshscope.xds.message import Message, Undecodable, decode, present

T = TypeVar("T")


class _Slices(ListenerHead, frozen=True):
    filter_chains: Raw = Raw()
    default_filter_chain: Raw = Raw()
    listener_filters: Raw = Raw()


class _Named(Message, frozen=True):
    name: str = ""


class _Match(Message, frozen=True):
    filter_chain_match: FilterChainMatch = FilterChainMatch()


def partly_read(raw: Raw | bytes, why: str) -> Listener:
    """A listener with the reason in its `flaw`, or in that of the filter chains that do not read where those are all.

    Without an address where that does not read either.
    """
    slices = decode(raw, _Slices)
    if isinstance(slices, Undecodable):
        named = decode(raw, _Named)
        return Listener(name="" if isinstance(named, Undecodable) else named.name, flaw=why)
    head = {name: getattr(slices, name) for name in ListenerHead.__struct_fields__}
    chains = _optional(slices.filter_chains, tuple[Raw, ...])
    filters = _optional(slices.listener_filters, tuple[ListenerFilter, ...])
    if isinstance(chains, Undecodable) or isinstance(filters, Undecodable):
        return Listener(**{**head, "flaw": why})
    default = _chain(slices.default_filter_chain) if present(slices.default_filter_chain) else None
    return Listener(
        **head,
        listener_filters=filters or (),
        filter_chains=tuple(map(_chain, chains or ())),
        default_filter_chain=default,
    )


def _optional(raw: Raw, kind: type[T]) -> T | Undecodable | None:
    return decode(raw, kind) if present(raw) else None


def _chain(raw: Raw) -> FilterChain:
    """The chain; one that does not read keeps its name and its match. A match that does not read may be any."""
    found = decode(raw, FilterChain)
    if isinstance(found, FilterChain):
        return found
    named, match = decode(raw, _Named), decode(raw, _Match)
    unread = FilterChainMatch(unread=("filter_chain_match",))
    return FilterChain(
        name="" if isinstance(named, Undecodable) else named.name,
        filter_chain_match=unread if isinstance(match, Undecodable) else match.filter_chain_match,
        flaw=found.why,
    )
