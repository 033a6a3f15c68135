"""Following a request: the whole command, the first answer out of a big dump, answers in one process, big route tables."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import make_dump
import msgspec
from index import Top
from measure import Result, processes, seconds
from msgspec.structs import replace
from processes import BARE_IMPORTS, MESHSCOPE

from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.render.machine import encoded
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.snapshot.reading import DEMO, open_snapshot
from meshscope.snapshot.snapshot import Captured, Snapshot

SINGLE_PATH = (
    Request(source="productpage", dest="reviews", headers=(("end-user", "jason"),)),
    Request(source="productpage", dest="ratings"),
    Request(source="istio-ingressgateway", dest="http://bookinfo.example.com/productpage"),
)
"""Requests of Bookinfo that can end in one way only, each through two proxies."""
TABLE_ALONE = Request(source="productpage", route_config="9080", authority="ratings:9080", path="/")


def results(file: Path, runs: int) -> Iterator[Result]:
    yield whole_command(runs)
    yield first_answer(file, runs)
    yield from answers(runs)
    yield big_table(runs)


def whole_command(runs: int) -> Result:
    command = (*MESHSCOPE, "trace", "productpage", "reviews")
    ours, bare = processes([command, (sys.executable, "-c", BARE_IMPORTS)], 2 * runs)
    return Result(
        "`trace productpage reviews` on Bookinfo",
        f"{ours:.3f} s = {ours / bare:.2f} × an interpreter with the same libraries ({bare:.3f} s)",
        "1.7 × bare",
        ours <= 1.7 * bare,
    )


def first_answer(file: Path, runs: int) -> Result:
    """Index and one trace; everything is made anew for each run. The collector is paused for both sides."""
    body = file.read_bytes()
    decoder = msgspec.json.Decoder(Top)
    request = Request(dest=f"http://{make_dump.host(7)}:8080/", authority=make_dump.host(7))
    assert trace(mesh_of(body), request).paths[0].disposition == "delivered"
    gc.collect()
    gc.disable()
    try:
        slices = seconds(lambda: decoder.decode(body), runs)
        ours = seconds(lambda: trace(mesh_of(body), request), runs)
    finally:
        gc.enable()
    return Result(
        f"index and one trace of {len(body) / 1e6:.0f} MB",
        f"{ours:.3f} s = {ours / slices:.2f} × slices ({slices:.3f} s)",
        "2 × slices + 70 ms",
        ours <= 2 * slices + 0.07,
    )


def answers(runs: int) -> Iterator[Result]:
    """Requests in turn, on one mesh. A proxy that was asked the same before answers from memory."""
    mesh = Mesh(open_snapshot(DEMO))
    for request in SINGLE_PATH:
        assert len(trace(mesh, request).paths) == 1
    whole = rate(SINGLE_PATH, lambda request: encoded(trace(mesh, request)), runs)
    yield Result("answers with all steps, as JSON, two proxies each", f"{whole:,.0f} a second", "2,000", whole >= 2000)
    bare = rate(SINGLE_PATH, lambda request: trace(mesh, request, explain=False), runs)
    yield Result("answers without steps, two proxies each", f"{bare:,.0f} a second", "5,000", bare >= 5000)
    news = iter(range(10**9))
    new = rate(SINGLE_PATH, lambda request: trace(mesh, replace(request, path=f"/{next(news)}"), explain=False), runs)
    yield Result("the same where no request was asked before", f"{new:,.0f} a second", "")
    alone = rate((TABLE_ALONE,), lambda request: trace(mesh, request, explain=False), runs)
    yield Result("a route table alone, without steps", f"{alone:,.0f} a second", "")


def rate(requests: tuple[Request, ...], answer: Callable[[Request], object], runs: int) -> float:
    """Answers a second, once everything is compiled."""
    often = 100

    def round_() -> None:
        for _ in range(often):
            for request in requests:
                answer(request)

    round_()
    return often * len(requests) / seconds(round_, runs)


def big_table(runs: int) -> Result:
    """A request to the last virtual host of a table with 10, and of one with 10,000; in turn."""
    sizes = (10, 10_000)
    asked = []
    for size in sizes:
        mesh = mesh_of(json.dumps(dump_of(size)).encode())
        request = Request(route_config="8080", authority=make_dump.host(size - 1), path="/")
        assert trace(mesh, request).paths[0].hops[-1].cluster == f"outbound|8080||{make_dump.host(size - 1)}"
        asked.append((mesh, request))
    taken: list[list[float]] = [[], []]
    for _ in range(runs):
        for index, (mesh, request) in enumerate(asked):
            taken[index].append(seconds(lambda: trace(mesh, request, explain=False), 300))  # noqa: B023  # called at once
    few, many = (sorted(times)[len(times) // 2] for times in taken)
    return Result(
        "a request to a table of 10,000 virtual hosts",
        f"{many * 1e6:.0f} µs = {many / few:.2f} × one of 10 ({few * 1e6:.0f} µs)",
        "1.3 × one of 10",
        many <= 1.3 * few,
    )


def dump_of(size: int) -> make_dump.Json:
    """A sidecar that knows one table."""
    hosts = [make_dump.virtual_host(i) for i in range(size)]
    every = [make_dump.cluster(size - 1, "")]
    return {"configs": [
        {"@type": make_dump.ADMIN + "BootstrapConfigDump", "bootstrap": {"node": make_dump.node("sidecar")}},
        {"@type": make_dump.ADMIN + "ClustersConfigDump", "dynamic_active_clusters": every},
        {"@type": make_dump.ADMIN + "RoutesConfigDump", "dynamic_route_configs": [make_dump.table("8080", hosts)]},
    ]}  # fmt: skip


def mesh_of(body: bytes) -> Mesh:
    return Mesh(Snapshot((Captured(Document.of("big", body)),)))
