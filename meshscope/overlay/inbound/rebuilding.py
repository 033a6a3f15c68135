"""The ports of workloads that Services and Sidecars open or close, in one sidecar.

A Sidecar with `ingress` stands for all Services: https://istio.io/latest/docs/reference/config/networking/sidecar/
"""

from __future__ import annotations

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import InboundPort, inbound_ports
from meshscope.effect.kinds.peer_authentication import levels_of
from meshscope.effect.policies.chains import INBOUND
from meshscope.envoy.resource import CLUSTER, LISTENER
from meshscope.istio.objects.connection_pool import ConnectionPoolSettings
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.inbound.chains import Names, chains_of_port
from meshscope.overlay.inbound.clusters import cluster_of_port, own_address
from meshscope.overlay.policies.inspectors import inspected
from meshscope.overlay.policies.mutual_tls import mode_at
from meshscope.overlay.services.changes import changes_of
from meshscope.overlay.services.not_exact import NotExactError

_KINDS = ("Sidecar", "Service", "ServiceEntry")
Key = tuple[InboundPort, ConnectionPoolSettings | None]


class InboundPorts:
    """`before` and `after` are two configurations of the same proxies; `applied` the objects that differ."""

    def __init__(self, before: Configuration, after: Configuration, applied: tuple[Applied, ...]) -> None:
        self._before, self._after = before, after
        self._applied = tuple(one for one in applied if one.item.kind in _KINDS)

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind != "sidecar":
            return
        old, new = _ports(self._before, client), _ports(self._after, client)
        differing = sorted(target for target in {*old, *new} if old.get(target) != new.get(target))
        if not differing:
            return
        try:
            self._rebuild(draft, old, new, differing)
        except NotExactError as error:
            words = ", ".join(map(str, differing))
            self._note(draft, f"{error} (port {words} of the workload)")

    def _rebuild(self, draft: Draft, old: dict[int, Key], new: dict[int, Key], differing: list[int]) -> None:
        listener = draft.body(LISTENER, INBOUND)
        proxy = draft.client.proxy
        if listener is None or not proxy.knows_all(LISTENER) or not proxy.knows_all(CLUSTER):
            raise NotExactError("not all listeners and clusters of the proxy were captured")
        if not self._after.is_since(1, 10):
            raise NotExactError("chains of ports before Istio 1.10 are not rebuilt")
        chains: list[Json] = list(listener.get("filter_chains", ()))
        if lacking := [
            target for target in differing if target in old and not any(_is_of(one, target) for one in chains)
        ]:
            raise NotExactError(f"the proxy has no chains of port {lacking[0]} today")
        made = {
            target: self._chains(draft, self._after, listener, new[target][0]) for target in differing if target in new
        }
        for target in made.keys() & old.keys():  # what else stands in them would be lost
            own = [one for one in chains if _is_of(one, target)]
            if own != self._chains(draft, self._before, listener, old[target][0]):
                raise NotExactError(f"the chains of port {target} are today not what istiod makes of it")
        clusters = {
            port.cluster: cluster_of_port(self._before, self._after, draft, port)
            for port, _ in (new[target] for target in differing if target in new)
        }
        saved = draft.saved()
        kept = [one for one in chains if _port_of(one) not in differing]
        ordered = sorted({**{_port_of(one): [] for one in kept if _port_of(one)}, **made})
        first = next((number for number, one in enumerate(kept) if _is_declared(one)), len(kept))
        behind = [
            one
            for target in ordered
            for one in (made[target] if target in made else [each for each in kept[first:] if _is_of(each, target)])
        ]
        found = [*kept[:first], *behind]
        filters = inspected(listener.get("listener_filters", []), found)
        draft.put(LISTENER, INBOUND, {**listener, "filter_chains": found, "listener_filters": filters})
        for target in differing:
            if target in old and (name := old[target][0].cluster) not in clusters:
                draft.remove_cluster(name, name)
        for name, body in clusters.items():
            draft.put(CLUSTER, name, body)
        self._tell(draft, saved_bodies=draft.differing(saved), chains=chains, found=found, differing=differing)

    def _chains(self, draft: Draft, configuration: Configuration, listener: Json, port: InboundPort) -> list[Json]:
        """Of a port of one side, in the mode that the proxy has by now."""
        one, client = port.ingress, draft.client
        if one is not None and one.capture_mode not in ("", "DEFAULT"):
            raise NotExactError(f"a listener of a Sidecar with captureMode {one.capture_mode} is not rebuilt")
        if one is not None and one.tls is not None:
            raise NotExactError("TLS of a Sidecar's listener is not rebuilt: a flag of istiod switches it on")
        retries = False if configuration.is_since(1, 26) else None
        names = Names("0.0.0.0", port.host, retries_grpc=retries)  # noqa: S104  # a name
        sidecar = configuration.scope(client).sidecar
        if one is not None and sidecar is not None:
            metadata = {"filter_metadata": {"istio": {"config": draft.config_path(named(sidecar.item))}}}
            names = Names(
                one.bind or own_address(client), f"{sidecar.item.name}.{sidecar.namespace}", metadata, retries
            )
        return chains_of_port(listener, port, mode_at(levels_of(self._after, client), port.target), names)

    def _tell(
        self,
        draft: Draft,
        *,
        saved_bodies: dict[tuple[str, str], Json | None],
        chains: list[Json],
        found: list[Json],
        differing: list[int],
    ) -> None:
        for target in differing:
            before, after = ([one for one in some if _is_of(one, target)] for some in (chains, found))
            if before == after:
                continue
            draft.changes.append(
                Change(
                    proxy=draft.client.name,
                    what="filter chains",
                    name=f"{INBOUND} port {target}",
                    change=Kind.MADE if not before else Kind.VANISHES if not after else Kind.CHANGED,
                    object=", ".join(str(named(one.item)) for one in self._applied),
                    before=_words(before),
                    after=_words(after),
                    location=self._applied[0].item.location if self._applied else None,
                )
            )
        clusters = {key: body for key, body in saved_bodies.items() if key[0] == CLUSTER}
        draft.changes += changes_of(draft, clusters, dict.fromkeys(clusters, self._applied))

    def _note(self, draft: Draft, because: str) -> None:
        draft.not_rebuilt.append(
            NotRebuilt(
                object=", ".join(str(named(one.item)) for one in self._applied),
                because=because,
                proxy=draft.client.name,
                decides=Reach.INBOUND,
                location=self._applied[0].item.location if self._applied else None,
            )
        )


def _ports(configuration: Configuration, client: Client) -> dict[int, Key]:
    """By the port of the workload, with the limits that its Sidecar sets for all."""
    sidecar = configuration.scope(client).sidecar
    limits = sidecar.value.spec.inbound_connection_pool if sidecar else None
    return {one.target: (one, limits) for one in inbound_ports(configuration, client)}


def _port_of(chain: Json) -> int:
    return int(chain.get("filter_chain_match", {}).get("destination_port", 0))


def _is_declared(chain: Json) -> bool:
    return bool(_port_of(chain)) and not chain.get("name", "").startswith(INBOUND)


def _is_of(chain: Json, target: int) -> bool:
    return _is_declared(chain) and _port_of(chain) == target


def _words(chains: list[Json]) -> str | None:
    kinds = ["HTTP" if any("http_filters" in (one.get("typed_config") or {}) for one in chain["filters"]) else "TCP"
             for chain in chains]  # fmt: skip
    tls = any(chain.get("transport_socket") for chain in chains)
    names = " and ".join(dict.fromkeys(kinds))
    return f"{names}, {'with' if tls else 'without'} mutual TLS" if chains else None
