"""A real Envoy on loopback that decides one configuration after another, and tells by its access log what it decided.

One process serves many configurations: listeners come by a file (LDS), are asked, and are replaced. It has one worker, and
what it served before is gone before the next is served. A few clusters are always there; others come by a file (CDS). All
lead to the same upstream.
https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/xds_api#filesystem-subscriptions
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from .upstream import Upstream

Json = dict[str, Any]
T = TypeVar("T")
PATIENCE = 20.0
CLUSTERS = ("a", "b", "outbound|80||c.example")
EMPTY = "empty"
RANDOM = "random"
"""The name of a cluster that comes by CDS."""
LOG_FORMAT = {
    "peer": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
    "filter_chain": "%FILTER_CHAIN_NAME%",
    "route": "%ROUTE_NAME%",
    "cluster": "%UPSTREAM_CLUSTER_RAW%",
    "host": "%UPSTREAM_HOST%",
    "flags": "%RESPONSE_FLAGS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "termination": "%CONNECTION_TERMINATION_DETAILS%",
    "code": "%RESPONSE_CODE%",
}


class RefusedError(Exception):
    """Envoy takes no such configuration; the text is Envoy's."""


class Logged(NamedTuple):
    """One line of the access log. Empty where Envoy knows nothing; `code` 0 where nothing was answered."""

    filter_chain: str
    route: str
    cluster: str
    host: str
    flags: str
    details: str
    termination: str
    code: int


def is_installed() -> bool:
    return find_spec("envoy") is not None


class RealEnvoy:
    """Context manager. `port` is where the entry listener of every configuration binds."""

    def __init__(self, folder: Path, *, drain_seconds: int = 0) -> None:
        self._folder = folder
        self._drain_seconds = drain_seconds
        self._upstream = Upstream()
        self.port, self._admin = free_port(), free_port()
        self._log_file = folder / "access.log"
        self._log_read = 0
        self._lines: dict[str, Logged] = {}
        self._clusters: list[Json] = []

    def access_log(self) -> list[Json]:
        """For the field `access_log` of whatever decides."""
        return [{"name": "log", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": str(self._log_file), "log_format": {"json_format": LOG_FORMAT}}}]  # fmt: skip

    @property
    def admin(self) -> str:
        """Where its admin is asked."""
        return f"http://127.0.0.1:{self._admin}"

    @property
    def upstream_port(self) -> int:
        """Where the upstream listens, on every address of the loopback."""
        return self._upstream.port

    def serve(self, listeners: Sequence[Json], clusters: Sequence[Json] = ()) -> bytes:
        """Serves these and nothing else; answers the config dump of it. The entry comes last. Raises RefusedError."""
        self._update([])
        if list(clusters) != self._clusters:
            self._update_clusters(list(clusters))
        self._lines.clear()
        self._update(listeners)
        return self._get("/config_dump?include_eds")

    def _update_clusters(self, clusters: list[Json]) -> None:
        before = self._counts("cluster_manager.cds.update")
        self._put("cds.json", "cluster.v3.Cluster", clusters)

        def taken() -> bool:
            now = self._counts("cluster_manager.cds.update")
            if now["update_rejected"] > before["update_rejected"]:
                raise RefusedError("clusters: " + (self._folder / "envoy.log").read_text()[-300:])
            return now["update_success"] > before["update_success"]

        self._until("clusters are taken", taken)
        self._clusters = clusters

    def _update(self, listeners: Sequence[Json]) -> None:
        """Returns when these are active and all others are gone."""
        updates, totals = "listener_manager.lds.update", "listener_manager.total_listeners"
        before = self._counts(updates)
        self._put("lds.json", "listener.v3.Listener", listeners)

        def taken() -> bool:
            now, total = self._counts(updates), self._counts(totals)
            if now["update_rejected"] > before["update_rejected"]:
                raise RefusedError(_reasons(self._get("/config_dump?resource=dynamic_listeners")))
            others = total["total_listeners_draining"] + total["total_listeners_warming"]
            updated = now["update_success"] > before["update_success"]
            return updated and (total["total_listeners_active"], others) == (len(listeners), 0)

        self._until("listeners are taken", taken)

    def put_listeners(self, listeners: Sequence[Json]) -> None:
        """Hands these to Envoy, whatever becomes of them."""
        self._put("lds.json", "listener.v3.Listener", listeners)

    def logged(self, peer: str) -> Logged:
        """What the log says of the connection that came from this address of a client's socket."""

        def line() -> Logged | None:
            self._read_log()
            return self._lines.get(peer)

        return self._until(f"a log line of {peer}", line)

    def _read_log(self) -> None:
        with self._log_file.open("rb") as file:
            file.seek(self._log_read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._log_read += len(whole)
        for line in whole.splitlines():
            fields = {key: value or "" for key, value in json.loads(line).items()}
            peer, code = fields.pop("peer"), int(fields.pop("code") or 0)
            # a connection that reaches a connection manager is logged twice: for the request, and when it closes
            if code or peer not in self._lines:
                self._lines[peer] = Logged(
                    **{key: "" if text == "-" else text for key, text in fields.items()}, code=code
                )

    # --- the process ------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._upstream.start()
        self._log_file.touch()
        self._put("lds.json", "listener.v3.Listener", [])
        self._put("cds.json", "cluster.v3.Cluster", [])
        bootstrap = self._folder / "bootstrap.json"
        bootstrap.write_text(json.dumps(self._bootstrap()))
        with (self._folder / "envoy.log").open("wb") as complaints:
            self._process = subprocess.Popen(
                [str(binary()), "--config-path", str(bootstrap), "--concurrency", "1", "--use-dynamic-base-id",
                 "--drain-time-s", str(self._drain_seconds), "--file-flush-interval-msec", "2", "--log-level", "error"],
                stdout=subprocess.DEVNULL, stderr=complaints)  # fmt: skip
        self._until("Envoy is live", lambda: self._get("/ready") == b"LIVE\n" or None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._upstream.stop()

    def _bootstrap(self) -> Json:
        listeners, clusters = (
            {"path_config_source": {"path": str(self._folder / name)}, "resource_api_version": "V3"}
            for name in ("lds.json", "cds.json")
        )
        ports = dict.fromkeys(CLUSTERS, (self._upstream.port,)) | {EMPTY: ()}
        return {
            "node": {"id": "oracle", "cluster": "oracle"},
            "admin": {"address": loopback(self._admin)},
            "dynamic_resources": {"lds_config": listeners, "cds_config": clusters},
            "static_resources": {"clusters": [_cluster(name, *ports) for name, ports in ports.items()]},
        }

    def _put(self, name: str, kind: str, resources: Sequence[Json]) -> None:
        """Envoy watches for files that are moved into place."""
        typed = [{"@type": f"type.googleapis.com/envoy.config.{kind}", **each} for each in resources]
        new = self._folder / f"{name}.new"
        new.write_text(json.dumps({"version_info": "1", "resources": typed}))
        new.replace(self._folder / name)

    def _counts(self, prefix: str) -> dict[str, int]:
        """Counters by what follows the last dot of their names."""
        lines = self._get(f"/stats?filter=^{prefix}").decode().splitlines()
        counts = (line.rpartition(": ") for line in lines)
        return {name.rpartition(".")[2]: int(count) for name, _, count in counts if count.isdigit()}

    def _get(self, path: str) -> bytes:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self._admin}{path}") as answer,
        ):  # loopback
            return bytes(answer.read())
        return b""

    def _until(self, what: str, look: Callable[[], T | None]) -> T:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            if self._has_process() and self._process.poll() is not None:
                break
            if (found := look()) not in (None, False):
                return found
            time.sleep(0.002)
        raise TimeoutError(f"not seen: {what}\n" + (self._folder / "envoy.log").read_text()[-2000:])

    def _has_process(self) -> bool:
        return hasattr(self, "_process")


def loopback(port: int) -> Json:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _cluster(name: str, *ports: int) -> Json:
    hosts = [{"endpoint": {"address": loopback(port)}} for port in ports]
    return {"name": name, "type": "STATIC", "connect_timeout": "1s",
            "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": hosts}] if hosts else []}}  # fmt: skip


def _reasons(dump: bytes) -> str:
    states = json.loads(dump).get("configs", [])
    return "; ".join(state["error_state"]["details"] for state in states if "error_state" in state)


def binary() -> Path:
    spec = find_spec("envoy")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / "_bin" / "envoy"


def free_port() -> int:
    """Below those that clients are given: between two configurations nobody else may take the entry's."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port between 20,000 and 32,000")
