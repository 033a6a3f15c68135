"""The outbound listeners of a port of a service, made like others of the same proxy.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener.go
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import gateways_of, hosts_of
from meshscope.effect.static_conditions import MESH
from meshscope.envoy.resource import LISTENER
from meshscope.istio.hosts import overlap
from meshscope.istio.protocol import Family
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.patches.lists import chains_of
from meshscope.overlay.routes.bound import reach_of
from meshscope.overlay.services.chains import (
    configs,
    has_passthrough,
    is_http,
    is_of,
    lead,
    leads,
    led_to,
    moved,
    outbound,
    renamed,
)
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.peers import has_extensions, peers
from meshscope.overlay.services.told import Told, told
from meshscope.overlay.services.virtual_hosts import HTTP, shares_port, table_of

_ALL = ("0.0.0.0", "::")  # noqa: S104  # how istiod binds, not this program
_PASSTHROUGH = "PassthroughFilterChain"
_INSPECTOR = "envoy.filters.listener.tls_inspector"
_PLAIN = {"@type", "stat_prefix", "cluster", "access_log"}
"""Fields of a TCP proxy that no rule has changed."""


class Listeners:
    """Those of one proxy. Each method raises NotExactError."""

    def __init__(self, before: Configuration, after: Configuration, draft: Draft) -> None:
        self._before, self._after, self._draft = before, after, draft

    def make(self, one: Told) -> None:
        if one.port.protocol.family is not Family.HTTP and self._copy(one):
            return
        family, port = one.port.protocol.family, one.port.number
        if len(one.addresses) > 1:
            raise NotExactError("a service with several addresses is not rebuilt")
        if family is Family.HTTP:
            self._http(one)
            return
        if because := self._unmodelled(one):
            raise NotExactError(because)
        name = f"{one.addresses[0] if one.addresses else self._wildcard}_{port}"
        if self._draft.body(LISTENER, name) is not None and (one.addresses or family is not Family.TLS):
            raise NotExactError(f"another service has the listener {name}")
        if family is Family.AUTO:
            self._sniffed(one, name)
        elif one.addresses or family is Family.TCP:
            self._draft.put(LISTENER, name, moved(self._tcp(), name, one))
        else:
            self._by_name(one, name)

    def _unmodelled(self, one: Told) -> str:
        if _captures(self._draft.client) and not one.addresses and one.service.resolution != "NONE":
            return "the address that is allocated for it is not known"
        if rule := self._rule(one):
            return f"filter chains of its tls and tcp rules ({rule}) are not rebuilt"
        if any("/" in address for address in one.addresses):
            return "listeners of a range of addresses are not rebuilt"
        if one.service.resolution == "Passthrough":
            return "the listeners of each pod of a headless service are not rebuilt"
        return ""

    def remove(self, one: Told) -> None:
        """The chains that lead to the port alone, and listeners without any other."""
        for name, body in list(self._outbound()):
            chains = body.get("filter_chains", [])
            kept = [each for each in chains if not leads(each, one)]
            default = body.get("default_filter_chain")
            is_default_ours = bool(default) and leads(default, one)
            if len(kept) == len(chains) and not is_default_ours:
                continue
            if kept and is_default_ours:
                raise NotExactError(f"what is left of listener {name} is not rebuilt")
            if kept:
                self._draft.put(LISTENER, name, {**body, "filter_chains": kept})
            else:
                self._draft.remove(LISTENER, name)
        port = one.port.number
        is_of_http = one.port.protocol.family in HTTP and table_of(one) == str(port)
        if is_of_http and not shares_port(self._after, self._draft.client, port):
            self._remove_http(port)

    def _remove_http(self, port: int) -> None:
        name = f"{self._wildcard}_{port}"
        body = self._draft.body(LISTENER, name)
        if body is None:
            return
        if any(not is_http(each, str(port)) for each in body.get("filter_chains", ())):
            raise NotExactError(f"what is left of listener {name} is not rebuilt")
        if not has_passthrough(body):
            raise NotExactError(f"what is left of listener {name} is not rebuilt")
        self._draft.remove(LISTENER, name)

    # --- samples -----------------------------------------------------------------------------------------------------

    def _outbound(self) -> Iterator[tuple[str, Json]]:
        return outbound(self._draft)

    def _samples(self) -> Iterator[tuple[str, Json]]:
        """The proxy's own listeners, then those of its peers."""
        yield from self._outbound()
        if not has_extensions(self._before):
            for peer in peers(self._before, self._draft.client, LISTENER):
                yield from outbound(Draft(peer))

    def _owned(self, body: Json) -> Json:
        """A listener of a peer with what the proxy says of itself in its traces."""
        own = (config for _, each in self._outbound() for chain in chains_of(each) for config in configs(chain))
        like: Json = next((config for config in own if "rds" in config), {})
        for config in (each for chain in chains_of(body) for each in configs(chain) if "rds" in each):
            config.pop("tracing", None)
            if "tracing" in like:
                config["tracing"] = copy.deepcopy(like["tracing"])
        return body

    def _copy(self, one: Told) -> bool:
        """Whether a peer has listeners of the port alone, which become the proxy's, too."""
        if has_extensions(self._before) or self._rule(one):
            return False
        for peer in peers(self._before, self._draft.client, LISTENER):
            has = told(self._before, peer, [one.service.host]).get((one.service.host, one.port.number))
            if (
                has is None
                or not has.is_routed
                or has.key != one.key
                or _captures(peer) != _captures(self._draft.client)
            ):
                continue
            leading = {name: body for name, body in outbound(Draft(peer)) if is_of(body, one)}
            if leading and all(self._draft.body(LISTENER, name) is None for name in leading):
                for name, body in leading.items():
                    self._draft.put(LISTENER, name, self._owned(copy.deepcopy(body)))
                return True
        return False

    @property
    def _wildcard(self) -> str:
        names = (name for name, _ in self._outbound())
        return next((bind for name in names for bind in _ALL if name.startswith(f"{bind}_")), _ALL[0])

    def _rule(self, one: Told) -> str:
        """A VirtualService with rules for connections to the host."""
        for rules in self._after.virtual_services:
            spec = rules.value.spec
            is_about = any(overlap(host, one.service.host) for host in hosts_of(rules))
            is_for_sidecars = MESH in gateways_of(rules) and (spec.tls or spec.tcp)
            if is_for_sidecars and is_about and reach_of(self._after, rules, self._draft.client) is not None:
                return str(rules)
        return ""

    # --- made like them ----------------------------------------------------------------------------------------------

    def _http(self, one: Told) -> None:
        port = one.port.number
        name = f"{self._wildcard}_{port}"
        today = self._draft.body(LISTENER, name)
        if today is not None:
            if not any(is_http(each, str(port)) for each in today.get("filter_chains", ())):
                raise NotExactError(f"listener {name} is not one of HTTP")
            return
        for other, body in self._samples():
            chains = body.get("filter_chains", ())
            is_one = len(chains) == 1 and other.startswith(self._wildcard) and has_passthrough(body)
            if is_one and is_http(chains[0], other.rpartition("_")[2]):
                self._draft.put(LISTENER, name, self._owned(renamed(body, name, port, str(port))))
                return
        raise NotExactError("no listener of the proxy tells what others of HTTP are like")

    def _sniffed(self, one: Told, name: str) -> None:
        if not one.addresses:
            raise NotExactError("a port that is sniffed, of a service without an address, is not rebuilt")
        for _, body in self._samples():
            chains, default = body.get("filter_chains", ()), body.get("default_filter_chain") or {}
            if len(chains) == 1 and led_to(default).startswith("outbound|") and is_http(chains[0], ""):
                found = renamed(body, name, one.port.number, table_of(one))
                lead(found["default_filter_chain"], str(one.cluster))
                self._draft.put(LISTENER, name, self._owned(found))
                return
        raise NotExactError("no listener of the proxy tells what those of sniffed ports are like")

    def _tcp(self) -> Json:
        for _, body in self._samples():
            chains = body.get("filter_chains", ())
            is_plain = (
                len(chains) == 1 and not chains[0].get("filter_chain_match") and "default_filter_chain" not in body
            )
            if is_plain and led_to(chains[0]) and all(set(config) <= _PLAIN for config in configs(chains[0])):
                return body
        raise NotExactError("no listener of the proxy tells what others of TCP are like")

    def _by_name(self, one: Told, name: str) -> None:
        """TLS without an address of its own: the chains of a port are told apart by the names that clients ask for."""
        new = moved(self._tcp(), name, one)
        (chain,) = new["filter_chains"]
        aliases = [each.host for each in self._after.services.all if each.alias_of == one.service.host]
        chain["filter_chain_match"] = {"server_names": [one.service.host, *aliases]}
        body = self._draft.body(LISTENER, name)
        if body is None:
            new["listener_filters"] = [self._inspector()]
            new["default_filter_chain"] = self._passed_through()
            self._draft.put(LISTENER, name, new)
            return
        others = body.get("filter_chains", ())
        if not all(each.get("filter_chain_match", {}).get("server_names") for each in others):
            raise NotExactError(f"listener {name} is not one of TLS alone")
        taken = {host for each in others for host in each["filter_chain_match"]["server_names"]}
        if taken & set(chain["filter_chain_match"]["server_names"]):
            raise NotExactError(f"another service has the name in listener {name}")
        self._draft.put(LISTENER, name, {**body, "filter_chains": [*others, chain]})

    def _inspector(self) -> Json:
        for resource in self._draft.client.proxy.resources(LISTENER):
            body = self._draft.body(LISTENER, resource.name) or {}
            for each in body.get("listener_filters", ()):
                if each.get("name") == _INSPECTOR:
                    return {key: copy.deepcopy(value) for key, value in each.items() if key != "filter_disabled"}
        raise NotExactError("no listener of the proxy tells how TLS is inspected")

    def _passed_through(self) -> Json:
        for _, body in self._samples():
            default = body.get("default_filter_chain") or {}
            if default.get("name") == _PASSTHROUGH:
                return copy.deepcopy(default)
        raise NotExactError("no listener of the proxy tells what is passed through")


def _captures(client: Client) -> bool:
    """Whether the proxy resolves names itself, so that hosts without an address get one."""
    return client.proxy.node is not None and client.proxy.node.flag("DNS_CAPTURE")
