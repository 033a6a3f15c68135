"""Fields for which the API server drops a part of an object, or refuses the whole, also by Istio's own validation."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.istio.kubernetes import decode
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.static_endpoints import refused_endpoints
from meshscope.mesh.field_problems import wrong_fields
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.path import path_text
from meshscope.snapshot.snapshot import Problem

_DROPPED = "drops"
"""A word about fields that the API server leaves out; for any other fault it refuses the object."""


def refused(mesh: Mesh, one: Applied) -> Iterator[NotRebuilt]:
    """Nothing of a refused object would be applied, so that it decides about every request."""
    for problem in wrong_fields(mesh, one.after) if one.after else ():
        is_dropped = _DROPPED in problem.why
        because = f"{problem.path}: {problem.why}" + ("" if is_dropped else "; the API server refuses the object")
        reach = Reach.NOTHING if is_dropped else Reach.REQUESTS
        yield NotRebuilt(object=str(named(one.item)), because=because, decides=reach, location=problem.location)
    if one.after and one.kind == ("networking.istio.io", "ServiceEntry"):
        value = decode(one.after, ServiceEntry)
        for path, why in () if isinstance(value, Problem) else refused_endpoints(value.spec):
            because = f"{path_text(path)}: {why}; Istio's validation refuses the object"
            yield NotRebuilt(object=str(named(one.item)), because=because, location=one.after.location.below(path))
