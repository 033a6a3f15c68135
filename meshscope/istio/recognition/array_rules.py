"""The document kinds of JSON arrays, recognised by the keys of the first item. At most one rule holds."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Raw

from meshscope.istio.recognition.object_rules import Rule, has, is_manifest, is_name_table


def _is_configz(members: Mapping[str, Raw]) -> bool:
    is_old_form = members.keys() >= {"type", "name", "Spec"}
    return is_manifest(members) or is_old_form


def _is_resourcesz(members: Mapping[str, Raw]) -> bool:
    return members.keys() == {"group", "version", "kind"} or members.keys() == {"version", "kind"}


def _is_old_adsz(members: Mapping[str, Raw]) -> bool:
    return members.keys() >= {"node", "addr"} and "Clusters" not in members


ARRAY_RULES: Mapping[str, Rule] = {
    "debug/configz": _is_configz,
    "debug/syncz": lambda members: "proxy" in members and bool(members.keys() & {"istio_version", "cluster_sent"}),
    "debug/registryz": has("Attributes", "hostname"),
    "debug/endpointz": has("svc", "ep"),
    "debug/adsz": _is_old_adsz,
    "debug/cdsz": has("node", "addr", "Clusters"),
    "debug/clusterz": has("id", "secretName"),
    "debug/networkz": has("Network", "Addr"),
    "debug/mcsz": lambda members: {key.lower() for key in members} >= {"cluster", "exported"},
    "debug/resourcesz": _is_resourcesz,
    "debug/ndsz": is_name_table,
    "debug/krtz": has("name", "state"),
}
