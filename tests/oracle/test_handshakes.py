"""Random TLS between two proxies: a trace tells what the front of a real Envoy logs, and what the back's upstream gets."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, reject

from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.trace import Path
from meshscope.snapshot.snapshot import Captured, Snapshot

from . import handshakes
from .amounts import configurations
from .handshakes import Scene
from .judging import done, told
from .messages import TLS_INSPECTOR, Json, address, entry, extension, manager
from .real_envoy import RANDOM, RealEnvoy, RefusedError, free_port, loopback
from .requests import Call

pytestmark = pytest.mark.oracle
SOURCE, DESTINATION = ("10.0.0.9", 1000), ("10.0.0.1", 80)
Seen = tuple[int, frozenset[str], str, tuple[str, ...]]


def _front(envoy: RealEnvoy, retries: Json) -> Json:
    route = {"name": "on", "match": {"prefix": "/"}, "route": {"cluster": RANDOM, **retries}}
    table = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}
    return entry(
        envoy.port, filter_chains=[{"name": "front", "filters": [manager(table, access_log=envoy.access_log())]}]
    )


def _back(port: int, scene: Scene) -> Json:
    table = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
        {"name": "up", "match": {"prefix": "/"}, "route": {"cluster": "a"}}]}]}  # fmt: skip
    filters = []
    if scene.principal is not None:
        who = {"authenticated": {"principal_name": scene.principal}}
        policy = {"permissions": [{"any": True}], "principals": [who]}
        filters = [extension("filters.http.rbac.v3.RBAC", {"rules": {"policies": {"p": policy}}})]
    forwarding: Json = {"forward_client_cert_details": "SANITIZE_SET",
                  "set_current_client_cert_details": {"uri": True, "dns": True, "subject": True}}  # fmt: skip
    chain = {"name": "back", **_socket(scene.server), "filters": [
        manager({**table, "name": "back"}, filters, codec_type=scene.codec, **forwarding)]}  # fmt: skip
    return {
        "name": "back",
        "address": address("127.0.0.1", port),
        "listener_filters": [TLS_INSPECTOR],
        "filter_chains": [chain],
    }


def _socket(side: Json) -> Json:
    return {"transport_socket": side} if side else {}


def _cluster(port: int, scene: Scene) -> Json:
    hosts = [{"endpoint": {"address": loopback(port)}}]
    return {"name": RANDOM, "type": "STATIC", "connect_timeout": "1s", **_socket(scene.client),
            "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": scene.options},
            "load_assignment": {"cluster_name": RANDOM, "endpoints": [{"lb_endpoints": hosts}]}}  # fmt: skip


def _seen(code: int, flags: str, details: str, upstream: tuple[str, ...]) -> Seen:
    """What TLS libraries say of a failure differs; that it is one does not."""
    plain = re.sub(r"TLS_error:.*}", "TLS_error:…}", details)
    return code, frozenset(flags.replace("-", "").split(",")) - {""}, plain, upstream


def _told(path: Path) -> Seen:
    if path.disposition == "delivered":
        return _seen(200, "", "via_upstream", told(path).upstream)
    end = path.caller or path.response
    return (
        _seen(end.code, end.flags, end.details, ()) if end else _seen(-1, "", f"{path.disposition} {path.assuming}", ())
    )


@configurations(80)
@given(handshakes.scenes)
def test_handshakes(envoy: RealEnvoy, scene: Scene) -> None:
    port = free_port()
    listeners = [_back(port, scene), _front(envoy, scene.retries)]
    try:
        dump = envoy.serve(listeners, [_cluster(port, scene)])
    except RefusedError:
        reject()
    call = Call(SOURCE, DESTINATION, host=scene.host)
    said = call.made(envoy.port)
    did = done(envoy.logged(said.peer), said)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    paths = Simulator(Mesh(Snapshot((Captured(Document.of("config_dump", dump)),))), at=now).trace(call.asked()).paths
    logged = _seen(did.code, ",".join(did.flags), did.details, did.upstream)
    steps = (step for path in paths for hop in path.hops for step in hop.steps)
    why = [
        f"{step.kind} {step.verdict} {step.because}" for step in steps if step.kind in ("tls", "codec", "http_filter")
    ]
    assert [_told(path) for path in paths] == [logged], why
