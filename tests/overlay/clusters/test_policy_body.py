"""Whatever a rule says of a cluster, and whatever it said before: the rebuilt cluster has it, and nothing of before."""

from __future__ import annotations

from itertools import pairwise

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.envoy.resource import CLUSTER
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf
from meshscope.xds.cluster import Cluster

from ..asking import edited, item, mesh_of
from .settings import APP, SETTINGS, Json

NAME = "outbound|80||app.default.svc.cluster.local"
IN_ROUTES = "hash_policy"
"""Of a consistent hash the key is not rebuilt."""


def applied(mesh: Mesh, setting: Json) -> WhatIf:
    return WhatIf(mesh, [edited(mesh, APP, trafficPolicy=setting)])


def cluster(mesh: Mesh) -> Cluster:
    proxy = next(one for one in mesh.proxies if one.name.startswith("sleep"))
    resource = proxy.resource(CLUSTER, NAME)
    assert resource
    found = proxy.read(resource, Cluster)
    assert isinstance(found, Cluster)
    return found


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_rebuilt_is_in_effect(setting: Json) -> None:
    what_if = applied(mesh_of("services"), setting)
    configuration = Configuration(what_if.mesh)
    found = effects(configuration, item(what_if.mesh, APP), configuration.clients)
    differing = [str(each) for one in found for each in one.differences if not each.field.endswith(IN_ROUTES)]
    assert differing == []


def test_nothing_is_left_of_what_a_rule_said_before() -> None:
    """One after the other in one proxy, and each on a proxy that had no rule: the clusters are the same."""
    mesh = applied(mesh_of("services"), {}).mesh
    alone = [cluster(applied(mesh, setting).mesh) for setting in SETTINGS]
    for before, (setting, wanted) in zip(SETTINGS, list(zip(SETTINGS, alone, strict=True))[1:], strict=False):
        what_if = applied(applied(mesh, before).mesh, setting)
        if not any("no cluster of app" in one.because for one in what_if.not_rebuilt):  # where all were in plain text
            assert comparable(cluster(what_if.mesh)) == comparable(wanted), (before, setting)
    assert len({repr(comparable(one)) for one, _ in pairwise(alone)}) > len(SETTINGS) / 2


def comparable(one: Cluster) -> Json:
    """Options of HTTP/1.1 that say nothing are none."""
    import msgspec  # only here

    body = msgspec.to_builtins(one, enc_hook=lambda raw: msgspec.json.decode(bytes(raw) or b"null"))
    options = body.get("typed_extension_protocol_options") or {}
    for key, held in list(options.items()):
        if not held.get("common_http_protocol_options"):
            held.pop("common_http_protocol_options", None)
        if held.get("explicit_http_config") == {"http_protocol_options": {}} and len(held) == 2:
            options.pop(key)
    if body.get("upstream_connection_options", {}).get("tcp_keepalive") == {}:
        body.pop("upstream_connection_options")
    return body
