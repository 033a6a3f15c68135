"""Memory of inputs of millions of tiny objects: uv run python benchmarks/tiny_objects.py [MEGABYTES]

Each shape is given to some verbs in a process of its own; a row says how many times the input's bytes its memory grew by.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = b'{"configs":[%s]}'
ADMIN = b'{"configs":[{"@type":"type.googleapis.com/envoy.admin.v3.%s","%s":[%%s]}]}'
TABLE = b'{"route_config":{"name":"a","virtual_hosts":[{"name":"v","domains":["*"],"routes":[%s]}]}}'
ENDPOINTS = b'{"endpoint_config":{"cluster_name":"a","endpoints":[{"lb_endpoints":[%s]}]}}'
SHAPES: dict[str, tuple[bytes, bytes, bytes]] = {
    "entries of a dump": (CONFIG, b"{}", b","),
    "lists in a dump": (CONFIG, b"[]", b","),
    "clusters": (ADMIN % (b"ClustersConfigDump", b"static_clusters"), b"{}", b","),
    "listeners": (ADMIN % (b"ListenersConfigDump", b"dynamic_listeners"), b"{}", b","),
    "routes": (ADMIN % (b"RoutesConfigDump", b"dynamic_route_configs") % TABLE, b"{}", b","),
    "endpoints": (ADMIN % (b"EndpointsConfigDump", b"dynamic_endpoint_configs") % ENDPOINTS, b"{}", b","),
    "statuses of clusters": (b'{"cluster_statuses":[%s]}', b"{}", b","),
    "lines of JSON": (b"%s", b"{}", b"\n"),
    "documents of YAML": (b"%s", b"a: 1", b"\n---\n"),
    "objects": (b'{"kind":"List","apiVersion":"v1","items":[%s]}', b"{}", b","),
}
VERBS = (("get", "all"), ("trace", "http://a/"), ("find", "a"))


def main() -> int:
    size = int(float(sys.argv[1] if len(sys.argv) > 1 else "2") * 1e6)
    with tempfile.TemporaryDirectory() as folder:
        empty, _ = measured(Path(folder), b'{"configs":[]}', ("get", "all"))
        for name, (around, tiny, between) in SHAPES.items():
            body = around % between.join([tiny] * (size // len(tiny + between)))
            for words in VERBS:
                taken, seconds = measured(Path(folder), body, words)
                times = max(0, taken - empty) / len(body)
                print(
                    f"{name:22} {' '.join(words):16} {taken >> 20:6} MiB  {times:5.0f} times  {seconds:6.1f} s",
                    flush=True,
                )
    return 0


def measured(folder: Path, body: bytes, words: tuple[str, ...]) -> tuple[int, float]:
    """Bytes of memory, and seconds, of a command over an input."""
    source = folder / "in"
    source.write_bytes(body)
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "meshscope", *words, "--from", str(source)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss * 1024, time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
