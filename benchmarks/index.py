"""The index with all names and domains, against reading the same bytes otherwise. The collector is paused for all."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import orjson
from measure import Result, seconds
from msgspec import Raw, Struct

from meshscope.envoy.reading import read_whole
from meshscope.envoy.resource import ROUTES
from meshscope.location import Document
from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_host_names


class Top(Struct):
    """The least that a reader of a dump can do: its sections as slices."""

    configs: list[Raw]


def index(body: bytes) -> int:
    """All resources with their names, all virtual hosts with their domains; how many names that are."""
    dump = read_whole(Document.of("big", body))
    assert dump is not None
    tables = [RouteTable(r.name, r.state, r, r.location) for r in dump.of_kind(ROUTES)]
    return len(dump.resources) + sum(len(host.domains) for table in tables for host in virtual_host_names(table))


def results(file: Path, runs: int) -> Iterator[Result]:
    body = file.read_bytes()
    decoder = msgspec.json.Decoder(Top)
    gc.collect()
    gc.disable()
    try:
        slices = seconds(lambda: decoder.decode(body), runs)
        ours = seconds(lambda: index(body), runs)
        peers = {"orjson.loads": seconds(lambda: orjson.loads(body), max(1, runs // 2)),
                 "json.loads": seconds(lambda: json.loads(body), max(1, runs // 2))}  # fmt: skip
    finally:
        gc.enable()
    limit = 2 * slices + 0.05
    yield Result(
        f"index of {len(body) / 1e6:.0f} MB, all names and domains",
        f"{ours:.3f} s = {ours / slices:.2f} × slices ({slices:.3f} s)",
        "2 × slices + 50 ms",
        ours <= limit,
    )
    for name, time in peers.items():
        yield Result(f"the same text with {name}", f"{time:.3f} s = {time / ours:.1f} × our index", "")
