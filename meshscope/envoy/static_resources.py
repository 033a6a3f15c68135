"""The static resources of a bootstrap, where a document has no section of their kind."""

from __future__ import annotations

from msgspec import Raw

from meshscope.envoy.dialect import snake
from meshscope.envoy.dump_builder import DumpBuilder
from meshscope.envoy.resource import BOOTSTRAP, CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET, STATIC
from meshscope.envoy.sections import ABSENT

LISTS = {"listeners": LISTENER, "clusters": CLUSTER, "routes": ROUTES, "endpoints": ENDPOINTS, "secrets": SECRET}
"""Lists of resources by kind, as a bootstrap, Envoy Gateway and kgateway write them."""
DISCOVERED = frozenset(LISTS.values())
"""Kinds of which a list of what was discovered does not have all."""


def read_statics(builder: DumpBuilder) -> None:
    """Adds the bootstrap's static resources, where the document has no section of that kind."""
    for bootstrap in [resource for resource in builder.resources if resource.kind == BOOTSTRAP]:
        path = bootstrap.location.path
        members = {snake(key): (key, value) for key, value in builder.members(bootstrap.raw, path).items()}
        if not builder.has_sections:
            builder.open_kinds = _left_to_discovery(builder, members.get("dynamic_resources", ("", ABSENT))[1])
            builder.evidence.update((LISTENER, CLUSTER, ROUTES))
        if "static_resources" not in members:
            continue
        key, value = members["static_resources"]
        statics = builder.members(value, (*path, key))
        for name in ("listeners", "clusters", "secrets"):
            no_section = not builder.has_sections or LISTS[name] not in builder.evidence
            if name in statics and no_section:
                builder.add_list(statics[name], LISTS[name], STATIC, (*path, key, name))


def _left_to_discovery(builder: DumpBuilder, dynamic: Raw) -> frozenset[str]:
    """The kinds that discovery may add to: secrets and routes always, the others as `dynamic_resources` says."""
    sources = {snake(key) for key in builder.members(dynamic, ("dynamic_resources",))} if memoryview(dynamic) else set()
    kinds = {"cds_config": {CLUSTER}, "lds_config": {LISTENER}, "ads_config": {CLUSTER, LISTENER}}
    return frozenset({SECRET, ROUTES}.union(*(kinds.get(source, set()) for source in sources)))
