"""Listeners.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw, field

from meshscope.xds.address import Address
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener_filter import ListenerFilter
from meshscope.xds.marks import FLAW
from meshscope.xds.message import Message, present
from meshscope.xds.metadata import Metadata


class AdditionalAddress(Message, frozen=True):
    address: Address = Address()


class DeprecatedV1(Message, frozen=True):
    bind_to_port: bool | None = None


class ListenerHead(Message, frozen=True):
    """A listener without its listener filters and filter chains. `flaw`: why the rest of it does not read."""

    name: str = ""
    address: Address = Address()
    additional_addresses: tuple[AdditionalAddress, ...] = ()
    stat_prefix: str = ""
    filter_chain_matcher: Raw = Raw()
    listener_filters_timeout: str = "15s"
    continue_on_listener_filters_timeout: bool = False
    use_original_dst: bool = False
    bind_to_port: bool | None = None
    deprecated_v1: DeprecatedV1 | None = None
    transparent: bool | None = None
    freebind: bool | None = None
    enable_reuse_port: bool | None = None
    internal_listener: Raw = Raw()
    udp_listener_config: Raw = Raw()
    traffic_direction: str = "UNSPECIFIED"
    metadata: Metadata = Metadata()
    ignore_global_conn_limit: bool = False
    bypass_overload_manager: bool = False
    flaw: str = field(name=FLAW, default="")

    @property
    def is_internal(self) -> bool:
        """Reached by an upstream cluster of the same Envoy, never by a socket."""
        return present(self.internal_listener)

    @property
    def binds(self) -> bool:
        """Owns a socket; Istio's listeners per service do not, they are reached by hand-off."""
        old = self.deprecated_v1.bind_to_port if self.deprecated_v1 else None
        return not self.is_internal and self.bind_to_port is not False and old is not False

    @property
    def addresses(self) -> tuple[Address, ...]:
        return (self.address, *(more.address for more in self.additional_addresses))


class Listener(ListenerHead, frozen=True):
    listener_filters: tuple[ListenerFilter, ...] = ()
    filter_chains: tuple[FilterChain, ...] = ()
    default_filter_chain: FilterChain | None = None

    @property
    def restores_destination(self) -> bool:
        """Whether it takes redirected connections as what they were before."""
        return self.use_original_dst or any(
            "original_dst" in (one.type_name or one.name) for one in self.listener_filters
        )

    def chains(self) -> Iterator[tuple[int | None, FilterChain]]:
        """The chains with their index in `filter_chains`; None for the default chain, the last one."""
        yield from enumerate(self.filter_chains)
        if self.default_filter_chain:
            yield None, self.default_filter_chain


def chain_path(index: int | None) -> tuple[str | int, ...]:
    """Where a chain stands in its listener."""
    return ("default_filter_chain",) if index is None else ("filter_chains", index)
