from __future__ import annotations

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.istio.labels import Labels
from meshscope.mesh.mesh import Mesh

from .. import recorded

ENTRY, GROUP = "WorkloadEntry team-a/vm-one", "WorkloadGroup team-a/vms"


def with_group(annotations: Labels) -> Mesh:
    """A group beside an entry that may have registered by it."""
    mesh = recorded.without_configz("services")
    one = replace(recorded.item(mesh, ENTRY), annotations=annotations)
    body = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "WorkloadGroup",
        "metadata": {"name": "vms", "namespace": "team-a"},
        "spec": {"template": {"serviceAccount": "vm"}},
    }
    group = replace(one, kind="WorkloadGroup", name="vms", body=Raw(msgspec.json.encode(body)))
    return mesh.overlay([one, group])


def test_the_machines_of_a_group_are_endpoints() -> None:
    found = recorded.of(with_group(Labels((("istio.io/autoRegistrationGroup", "vms"),))), GROUP, "sleep")
    assert {(one.state, one.because.partition(" in ")[0]) for one in found} == {
        (State.IN_EFFECT, "vm-one: endpoint 10.20.0.60")
    }


def test_a_group_that_no_machine_names_does_nothing() -> None:
    for named in (Labels(), Labels((("istio.io/autoRegistrationGroup", "others"),))):
        (found,) = {(one.state, one.because) for one in recorded.of(with_group(named), GROUP, "sleep")}
        assert found[0] is State.NOT_IN_EFFECT
        assert found[1].startswith("no machine has registered")
