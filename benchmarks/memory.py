"""Peak resident memory of whole processes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from browsing import INDEX, browser_mib
from measure import Result, peak_mib

from meshscope.path import camel

MESHSCOPE = (sys.executable, "-m", "meshscope")


def results(file: Path, gateway: Path) -> Iterator[Result]:
    size = file.stat().st_size / 2**20
    listing = ("get", "clusters", "--fqdn", "svc-7.ns-7.svc.cluster.local", "--from")
    own = peak_mib((*MESHSCOPE, *listing, str(file)))
    yield Result(f"peak memory, Envoy's own JSON, {size:.0f} MiB", f"{own:.0f} MiB", "150 MiB", own <= 150)
    camel_case = file.with_suffix(".camel.json")
    if not camel_case.exists():
        camel_case.write_text(json.dumps(camelled(json.loads(file.read_bytes()))))
    size = camel_case.stat().st_size / 2**20
    other = peak_mib((*MESHSCOPE, *listing, str(camel_case)))
    yield Result(
        f"peak memory, camelCase, {size:.0f} MiB",
        f"{other:.0f} MiB = {other / size:.1f} × the file",
        "5 × the file",
        other <= 5 * size,
    )
    size = gateway.stat().st_size / 2**20
    table = peak_mib((*MESHSCOPE, "get", "routes", "--from", str(gateway)))
    rows = peak_mib((*MESHSCOPE, "get", "routes", "-o", "json", "--from", str(gateway)))
    yield Result(
        f"peak memory, 100,000 routes of {size:.0f} MiB listed",
        f"{table:.0f} MiB (table), {rows:.0f} MiB (json)",
        "the file + 100 MiB",
        max(table, rows) <= size + 100,
    )
    index = peak_mib((sys.executable, "-c", INDEX, str(file)))
    browser = browser_mib(file)
    yield Result(
        "peak memory, Home of the browser, its faults found",
        f"{browser:.0f} MiB; a process that only indexes: {index:.0f} MiB",
        "the index + 100 MiB",
        browser <= index + 100,
    )


def camelled(value: Any) -> Any:
    """A dump in protobuf's JSON names, as istiod writes it."""
    if isinstance(value, dict):
        return {key if key == "@type" else camel(key): camelled(member) for key, member in value.items()}
    return [camelled(item) for item in value] if isinstance(value, list) else value
