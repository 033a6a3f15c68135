"""The bundled mesh as a cluster: every pod of the recording answers what its proxy answered; an istiod pod is none of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import yaml

from meshscope.snapshot.manifest import decoded

from ...recordings import BOOKINFO
from .api_server import ApiServer
from .objects import Objects
from .pod_server import PodServer
from .websockets import Address

PATHS = {
    "/config_dump?include_eds": "config_dump", "/clusters?format=json": "clusters", "/listeners?format=json": "listeners",
    "/server_info": "server_info", "/certs": "certs", "/stats?format=json&usedonly": "stats",
}  # fmt: skip


@contextmanager
def recorded_cluster() -> Iterator[tuple[ApiServer, dict[str, Address]]]:
    """The server, and where the Envoy of each pod listens: a pod that is taken out of it does not answer any more."""
    recorded: dict[str, dict[str, bytes]] = {}
    for one in decoded((BOOKINFO / "meshscope.json").read_bytes()).documents:
        if one.proxy:
            recorded.setdefault(one.proxy.name, {})[one.kind] = (BOOKINFO / one.path).read_bytes()
    files = sorted((BOOKINFO / "manifests").glob("*.yaml"))
    objects = Objects(one for file in files for one in yaml.safe_load_all(file.read_text()) if one and "kind" in one)
    with ExitStack() as stack:
        addresses = {
            name: stack.enter_context(PodServer(partial(_answered, held))).address for name, held in recorded.items()
        }
        server = ApiServer(objects, lambda pod, port: addresses.get(pod) if port == 15000 else None)
        yield stack.enter_context(server), addresses


def _answered(held: dict[str, bytes], path: str) -> tuple[int, bytes]:
    body = held.get(PATHS.get(path, ""))
    return (200, body) if body else (404, b"invalid path.")
