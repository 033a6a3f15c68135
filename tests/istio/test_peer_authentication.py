"""Which PeerAuthentication holds for a port."""

from __future__ import annotations

import json

import pytest

from meshscope.istio.labels import Labels
from meshscope.istio.manifest import read_objects
from meshscope.istio.peer_authentication import mode_of
from meshscope.location import Document

ROOT = "istio-system"


def policy(name: str, namespace: str, mode: str = "", ports: dict[str, str] | None = None, **selected: str) -> object:
    spec: dict[str, object] = {"mtls": {"mode": mode}} if mode else {}
    if selected:
        spec["selector"] = {"matchLabels": selected}
    if ports:
        spec["portLevelMtls"] = {port: {"mode": at_port} for port, at_port in ports.items()}
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


MESH, NAMESPACE = policy("mesh", ROOT, "STRICT"), policy("all", "a", "PERMISSIVE")
OWN, PORT = policy("own", "a", "DISABLE", app="b"), policy("port", "a", "STRICT", {"81": "PERMISSIVE"}, app="b")
INHERITING = policy("inheriting", "a", "UNSET", app="b")


@pytest.mark.parametrize(
    ("policies", "port", "found"),
    [
        ((MESH,), 80, ("mesh", "STRICT", "spec.mtls.mode")),
        ((MESH, NAMESPACE), 80, ("all", "PERMISSIVE", "spec.mtls.mode")),
        ((MESH, NAMESPACE, OWN), 80, ("own", "DISABLE", "spec.mtls.mode")),
        ((MESH, PORT), 80, ("port", "STRICT", "spec.mtls.mode")),
        ((MESH, PORT), 81, ("port", "PERMISSIVE", "spec.portLevelMtls.81.mode")),
        ((MESH, INHERITING), 80, ("mesh", "STRICT", "spec.mtls.mode")),
        ((policy("other", "a", "STRICT", app="c"),), 80, None),
        ((policy("elsewhere", "z", "STRICT"),), 80, None),
        ((policy("rooted", ROOT, "STRICT", app="b"),), 80, None),
        ((policy("b", "a", "STRICT"), policy("a", "a", "DISABLE")), 80, ("a", "DISABLE", "spec.mtls.mode")),
        ((policy("b", "a", "STRICT"), policy("a", "a", "UNSET")), 80, None),
        (
            (MESH, policy("b", "a", "DISABLE", app="b"), policy("a", "a", "", app="b")),
            80,
            ("mesh", "STRICT", "spec.mtls.mode"),
        ),
    ],
)
def test_the_nearest_policy_that_sets_a_mode_holds(
    policies: tuple[object, ...], port: int, found: tuple[str, str, str] | None
) -> None:
    text = "\n".join(json.dumps(one) for one in policies)
    objects, problems = read_objects(Document.of("p.json", text.encode()))
    assert not problems
    mode = mode_of(objects, "a", Labels.of({"app": "b"}), port, root=ROOT)
    assert (mode and (mode.policy.name, mode.mode, ".".join(mode.path))) == found


def test_a_policy_of_the_root_namespace_with_a_selector_counts_nowhere() -> None:
    text = json.dumps(policy("rooted", ROOT, "STRICT", app="b"))
    objects, _ = read_objects(Document.of("p.json", text.encode()))
    assert mode_of(objects, ROOT, Labels.of({"app": "b"}), 80, root=ROOT) is None
