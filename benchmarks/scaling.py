"""Inputs of many shapes at one, two and four times their size: the time of an answer grows as the input does.

    uv run python benchmarks/scaling.py [--only WORD]

Each answer is made in a process of its own, of which the time of an answer to almost nothing is taken off. Four times the
input may take at most MOST times as long: 4 is linear, 16 quadratic.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from measure import Result, environment

MOST = 7.0
LEAST = 0.15
"""Seconds of the smallest size below which a ratio says nothing."""
_TYPES = "type.googleapis.com/envoy.extensions."
_MANAGER = _TYPES + "filters.network.http_connection_manager.v3.HttpConnectionManager"
_RBAC = _TYPES + "filters.http.rbac.v3.RBAC"
_TRACE = ("trace", "--listener", "l", "http://x/p7")
_TLS = ("trace", "--listener", "l", "https://host-7.example/")


class Shape(NamedTuple):
    """`make` gives the input of a size: a file's text, or what a folder has by its paths."""

    name: str
    make: Callable[[int], bytes | dict[str, bytes]]
    size: int
    command: tuple[str, ...]


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _bootstrap(*, clusters: list[Any] | None = None, listeners: list[Any] | None = None) -> bytes:
    return _json({"node": {"id": "n"}, "static_resources": {"clusters": clusters or [], "listeners": listeners or []}})


def _listener(chains: list[Any], **fields: Any) -> Any:
    address = {"socket_address": {"address": "10.0.0.1", "port_value": 80}}
    return {"name": "l", "address": address, "filter_chains": chains, **fields}


def _chain(hosts: list[Any], filters: list[Any] | None = None, **match: Any) -> Any:
    routed = [*(filters or []), {"name": "router", "typed_config": {"@type": _TYPES + "filters.http.router.v3.Router"}}]
    manager = {"@type": _MANAGER, "stat_prefix": "s", "http_filters": routed, "route_config": {"virtual_hosts": hosts}}
    return {"filter_chain_match": match, "filters": [{"name": "m", "typed_config": manager}]}


def _host(routes: list[Any], domains: list[str] | None = None, name: str = "h") -> Any:
    return {"name": name, "domains": domains or ["*"], "routes": routes}


def _route(**match: Any) -> Any:
    return {"match": match or {"prefix": "/"}, "route": {"cluster": "c"}}


def _served(hosts: list[Any], filters: list[Any] | None = None) -> bytes:
    return _bootstrap(clusters=[{"name": "c", "type": "STATIC"}], listeners=[_listener([_chain(hosts, filters)])])


def _endpoints(count: int) -> Any:
    hosts = [
        {
            "endpoint": {
                "address": {"socket_address": {"address": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", "port_value": 80}}
            }
        }
        for n in range(count)
    ]
    return {"cluster_name": "c", "endpoints": [{"lb_endpoints": hosts}]}


def _policies(count: int, name: str) -> list[Any]:
    rule = {"permissions": [{"url_path": {"path": {"exact": "/x"}}}], "principals": [{"any": True}]}
    return [
        {"name": name, "typed_config": {"@type": _RBAC, "rules": {"policies": {f"p{n}": rule for n in range(count)}}}}
    ]


def _object(kind: str, name: str, spec: Any, api: str = "networking.istio.io/v1") -> Any:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "d"}, "spec": spec}


def _objects(make: Callable[[int], Any]) -> Callable[[int], bytes]:
    return lambda count: _json({"kind": "List", "apiVersion": "v1", "items": [make(n) for n in range(count)]})


def _virtual_service(name: str, host: str, rules: int = 1) -> Any:
    rule = {"route": [{"destination": {"host": "x"}}]}
    return _object("VirtualService", name, {"hosts": [host], "http": [{"name": f"r{n}", **rule} for n in range(rules)]})


def _lines(line: str) -> Callable[[int], bytes]:
    return lambda count: "".join(line.replace("%d", str(n)) for n in range(count)).encode()


def _packed(count: int, *, zipped: bool) -> bytes:
    out = io.BytesIO()
    if zipped:
        with zipfile.ZipFile(out, "w") as archive:
            for n in range(count):
                archive.writestr(f"a/{n}.json", b"{}")
    else:
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            for n in range(count):
                info = tarfile.TarInfo(f"a/{n}.json")
                info.size = 2
                tar.addfile(info, io.BytesIO(b"{}"))
    return out.getvalue()


def _mesh(count: int) -> dict[str, bytes]:
    """Services, each with a VirtualService, a DestinationRule, and a cluster and a virtual host of one sidecar."""
    names = [f"h{n}.d.svc.cluster.local" for n in range(count)]
    items = [
        one
        for n, name in enumerate(names)
        for one in (
            _object("Service", f"h{n}", {"ports": [{"port": 80, "name": "http"}]}, "v1"),
            _virtual_service(f"v{n}", name),
            _object("DestinationRule", f"r{n}", {"host": name, "subsets": [{"name": "a"}]}),
        )
    ]
    clusters = [{"name": f"outbound|80||{name}", "type": "EDS"} for name in names]
    hosts = [_host([_route()], [name], f"{name}:80") for name in names]
    dump = json.loads(_bootstrap(clusters=clusters, listeners=[_listener([_chain(hosts)])]))
    dump["node"] = {"id": "sidecar~10.0.0.1~p.d~d.svc.cluster.local", "metadata": {"NAMESPACE": "d"}}
    return {
        "proxies/d/p/config_dump.json": _json(dump),
        "manifests/a.json": _json({"apiVersion": "v1", "kind": "List", "items": items}),
    }


SHAPES = (
    Shape("YAML of many documents", _lines("---\nkind: A\nmetadata: {name: n%d}\n"), 8_000, ("get", "vs")),
    Shape("YAML of many empty documents", _lines("---\n"), 100_000, ("get", "vs")),
    Shape("YAML of many objects", _lines(
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%d}\nspec: {ports: [{port: 80}]}\n"), 4_000,
        ("get", "services")),
    Shape("YAML with an alias in each object", lambda n: b"apiVersion: v1\nkind: List\nx: &a {b: c}\nitems:\n" + _lines(
        "- {apiVersion: v1, kind: Service, metadata: {name: s%d, labels: *a}}\n")(n), 5_000, ("find", "c")),
    Shape("YAML with a merge key in each document", _lines(
        "---\nkind: A\nb: &b {x: 1}\nc: {<<: *b, n: %d}\n"), 5_000, ("get", "vs")),
    Shape("YAML with a tag in each document", _lines("---\nkind: A\nb: !ignore x\nc: !Sub n%d\n"), 5_000, ("get", "vs")),
    Shape("YAML after many comments", lambda n: _lines("# comment %d\n")(n) + b"kind: List\nitems: []\n", 200_000,
          ("get", "vs")),
    Shape("YAML after many #", lambda n: b"#" * n + b"\nkind: List\nitems: []\n", 4_000_000, ("get", "vs")),
    Shape("blank lines", lambda n: b"\n \n" * n, 3_000_000, ("get", "vs")),
    Shape("prose", _lines("It rains a lot: today %d\n"), 200_000, ("get", "vs")),
    Shape("Markdown of many code blocks", _lines("# a\n```yaml\nkind: A%d\n```\n"), 4_000, ("get", "vs")),
    Shape("JSON values one after another", _lines('{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s%d"}}\n'),
          8_000, ("get", "services")),
    Shape("JSON broken at its end", lambda n: _bootstrap(clusters=[{"name": f"c{m}"} for m in range(n)])[:-1], 100_000,
          ("get", "clusters")),
    Shape("open brackets", lambda n: b"[" * n, 3_000_000, ("get", "clusters")),
    Shape("open braces", lambda n: b'{"a":' * n, 1_000_000, ("get", "clusters")),
    Shape("clusters", lambda n: _bootstrap(clusters=[{"name": f"c{m}", "type": "STATIC"} for m in range(n)]), 10_000,
          ("get", "clusters")),
    Shape("clusters of one name", lambda n: _bootstrap(clusters=[{"name": "c", "type": "STATIC"}] * n), 10_000,
          ("get", "clusters")),
    Shape("endpoints of a cluster", lambda n: _bootstrap(
        clusters=[{"name": "c", "type": "STATIC", "load_assignment": _endpoints(n)}],
        listeners=[_listener([_chain([_host([_route()])])])]),
        10_000, _TRACE),
    Shape("listeners", lambda n: _bootstrap(listeners=[_listener([_chain([])]) | {"name": f"l{m}"} for m in range(n)]), 1_000,
          ("get", "listeners")),
    Shape("filter chains by SNI", lambda n: _bootstrap(listeners=[_listener(
        [_chain([_host([_route()])], server_names=[f"host-{m}.example"]) for m in range(n)])]), 2_000, _TLS),
    Shape("filter chains by address", lambda n: _bootstrap(listeners=[_listener([_chain(
        [], prefix_ranges=[{"address_prefix": f"10.{m >> 16}.{m >> 8 & 255}.{m & 255}", "prefix_len": 32}])
        for m in range(n)])]), 2_000, _TRACE),
    Shape("filter chains by port", lambda n: _bootstrap(listeners=[_listener(
        [_chain([], destination_port=m + 1) for m in range(n)])]), 2_000, _TRACE),
    Shape("names of one filter chain", lambda n: _bootstrap(listeners=[_listener(
        [_chain([_host([_route()])], server_names=[f"host-{m}.example" for m in range(n)])])]), 20_000, _TLS),
    Shape("routes by prefix", lambda n: _served([_host([_route(prefix=f"/a{m}/") for m in range(n)])]), 8_000, _TRACE),
    Shape("routes by regex", lambda n: _served([_host(
        [_route(safe_regex={"regex": f"/a{m}/.*"}) for m in range(n)])]), 3_000, _TRACE),
    Shape("virtual hosts", lambda n: _served([_host([_route()], [f"h{m}.example"], f"h{m}") for m in range(n)]), 5_000, _TRACE),
    Shape("domains of one virtual host", lambda n: _served([_host([_route()], [f"h{m}.example" for m in range(n)])]),
          30_000, _TRACE),
    Shape("header matchers of one route", lambda n: _served([_host([_route(
        prefix="/", headers=[{"name": f"x-{m}", "present_match": True} for m in range(n)])])]), 4_000, _TRACE),
    Shape("weighted clusters", lambda n: _served([_host([{"match": {"prefix": "/"}, "route": {"weighted_clusters": {
        "clusters": [{"name": f"c{m}", "weight": 1} for m in range(n)]}}}])]), 500, _TRACE),
    Shape("HTTP filters", lambda n: _served([_host([_route()])], _policies(1, "r") * n), 500, _TRACE),
    Shape("RBAC policies", lambda n: _served([_host([_route()])], _policies(n, "r")), 3_000, _TRACE),
    Shape("VirtualServices", _objects(lambda n: _virtual_service(f"v{n}", f"h{n}")), 3_000, ("get", "vs")),
    Shape("VirtualServices of one host", _objects(lambda n: _virtual_service(f"v{n}", "h")), 1_500, ("effect",)),
    Shape("rules of a VirtualService", lambda n: _json(_virtual_service("v", "h", n)), 4_000, ("describe", "vs/v.d")),
    Shape("subsets of a DestinationRule", lambda n: _json(_object("DestinationRule", "r", {"host": "h", "subsets": [
        {"name": f"s{m}", "labels": {"v": f"{m}"}} for m in range(n)]})), 5_000, ("effect",)),
    Shape("services with endpoints", _objects(lambda n: _object(
        "Service", f"s{n}", {"ports": [{"port": 80}], "selector": {"app": f"a{n}"},
                             "clusterIP": f"10.0.{n >> 8}.{n & 255}"}, "v1")),
        3_000, ("get", "services")),
    Shape("pods", _objects(lambda n: _object("Pod", f"p{n}", {"containers": []}, "v1")), 5_000, ("get", "pods")),
    Shape("ServiceEntries of one host", _objects(lambda n: _object("ServiceEntry", f"s{n}", {
        "hosts": ["h.example"], "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}]})), 1_500, ("get", "services")),
    Shape("AuthorizationPolicies", _objects(lambda n: _object("AuthorizationPolicy", f"a{n}", {
        "rules": [{"to": [{"operation": {"paths": [f"/{n}"]}}]}]}, "security.istio.io/v1")), 1_500, ("effect",)),
    Shape("a mesh, its rules", _mesh, 1_500, ("effect",)),
    Shape("a mesh, a request", _mesh, 1_500, ("trace", "p", "http://h3.d.svc.cluster.local/")),
    Shape("a mesh, what refers to a service", _mesh, 1_500, ("find", "svc/h3.d")),
    Shape("an access log", _lines('{"method": "GET", "path": "/%d", "response_code": 200, "upstream_cluster": "c"}\n'), 50_000,
          ("get", "clusters")),
    Shape("/clusters as text", _lines("outbound|80||h%d::10.0.0.1:80::cx_active::0\n"), 50_000, ("get", "endpoints")),
    Shape("members of a .tar.gz", lambda n: _packed(n, zipped=False), 3_000, ("get", "clusters")),
    Shape("members of a .zip", lambda n: _packed(n, zipped=True), 3_000, ("get", "clusters")),
    Shape("files of a folder", lambda n: {f"a/{m}.json": b"{}" for m in range(n)}, 3_000, ("get", "clusters")),
    Shape("proxies of a folder", lambda n: {f"proxies/d/p-{m}/config_dump.json": _bootstrap(clusters=[{"name": "c"}])
                                          for m in range(n)}, 300, ("get", "clusters")),
)  # fmt: skip


def results(folder: Path, shapes: tuple[Shape, ...] = SHAPES) -> Iterator[Result]:
    nothing = min(_taken(_written(folder / "nothing", b"{}"), ("get", "clusters"))[0] for _ in range(3))
    for shape in shapes:
        taken = []
        for times in (1, 2, 4):
            place = _written(folder / f"{SHAPES.index(shape)}-{times}", shape.make(shape.size * times))
            seconds, mib = _taken(place, shape.command)
            taken.append(max(0.0, seconds - nothing))
        ratio = taken[2] / max(taken[0], LEAST)
        figures = " / ".join(f"{seconds:.2f}" for seconds in taken)
        what = f"{shape.name}, {shape.size:,} / x2 / x4: `{' '.join(shape.command)}`"
        yield Result(what, f"{figures} s, {ratio:.1f} times, {mib:,.0f} MiB", f"{MOST:g} times", ratio <= MOST)


def _written(place: Path, content: bytes | dict[str, bytes]) -> Path:
    if isinstance(content, bytes):
        place.write_bytes(content)
        return place
    for path, body in content.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(body)
    return place


_CHILD = """
import io, sys, time
sys.stdout = io.StringIO()
sys.stderr = io.StringIO()
from meshscope.cli.app import run
started = time.process_time()
run(sys.argv[1:])
used = time.process_time() - started
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(used, int(peak) / 1024, file=sys.__stdout__)
"""


def _taken(source: Path, command: tuple[str, ...]) -> tuple[float, float]:
    """Seconds of CPU and the peak in MiB of an answer."""
    import subprocess

    words = [sys.executable, "-c", _CHILD, *command, "--from", str(source)]
    started = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, env=environment(), timeout=300, check=False)
    if done.returncode:
        return time.monotonic() - started, 0.0
    used, mib = done.stdout.split()
    return float(used), float(mib)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="shapes with this text in their names")
    only = parser.parse_args().only
    kept = True
    with tempfile.TemporaryDirectory() as scratch:
        print("| what | measured | limit |\n|---|---|---|")
        for result in results(Path(scratch), tuple(shape for shape in SHAPES if only in shape.name)):
            mark = "" if result.kept else " **not kept**"
            print(f"| {result.what} | {result.measured} | {result.limit}{mark} |", flush=True)
            kept = kept and result.kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
