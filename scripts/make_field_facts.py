"""Write meshscope/istio/fields/*.json: the fields of Istio's and the Gateway API's kinds, and what they may hold.

uv run python scripts/make_field_facts.py CRDS_FOLDER            writes the files
uv run python scripts/make_field_facts.py CRDS_FOLDER --check    exits with 1 if a file differs

CRDS_FOLDER has some of `istio.json`, `gateway-api-experimental.json` and `neighbours.json`, each
`{"kinds": […], "schemas": {…}}`: the group, the kind and the versions of each CustomResourceDefinition, a version's `schema`
naming one of the schemas (OpenAPI v3). What is made of a file that the folder lacks stays as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from meshscope.istio.fields.facts import FactsFile
from meshscope.istio.fields.openapi import ShapeBuilder

FOLDER = Path(__file__).resolve().parent.parent / "meshscope" / "istio" / "fields"
SOURCES = {
    "istio.json": ("istio.json", "Istio development line of August 2026"),
    "gateway_api.json": ("gateway-api-experimental.json", "Gateway API, August 2026, experimental channel"),
    "neighbours.json": ("neighbours.json", "inference extension v1, multi-cluster services v1alpha1"),
}
"""The file that is written -> the file that is read, and its version in words."""
UNCHECKED = ("apiVersion", "kind", "metadata")
"""Members that every object has; the reader of manifests looks after them."""


def facts(source: dict[str, Any], about: str) -> bytes:
    builder = ShapeBuilder()
    kinds = {}
    for kind in source["kinds"]:
        for version in kind["versions"]:
            schema = source["schemas"][version["schema"]]
            inner = {name: one for name, one in schema["properties"].items() if name not in UNCHECKED}
            name = f"{kind['group']}/{version['version']}/{kind['kind']}"
            kinds[name] = builder.add({"type": "object", **schema, "properties": inner})
    head = msgspec.json.encode({"about": about, "kinds": kinds})[:-1]
    shapes = b",\n".join(bytes(one) for one in builder.stored)
    return head.replace(b',"kinds":', b',\n"kinds":') + b',\n"shapes":[\n' + shapes + b"\n]}\n"


def main(arguments: list[str]) -> int:
    folder, *options = arguments
    differing = []
    for file, (source, about) in SOURCES.items():
        if not (Path(folder) / source).exists():
            continue
        made = facts(msgspec.json.decode((Path(folder) / source).read_bytes()), about)
        msgspec.json.decode(made, type=FactsFile)
        if "--check" not in options:
            (FOLDER / file).write_bytes(made)
        elif (FOLDER / file).read_bytes() != made:
            differing.append(file)
    if differing:
        print(f"{', '.join(differing)}: run scripts/make_field_facts.py", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
