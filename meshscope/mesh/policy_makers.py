"""The object that istiod made a ztunnel's policy of. It gives what it makes by itself names that no object can have, with `_`.

https://github.com/istio/istio/tree/master/pilot/pkg/serviceregistry/kube/controller/ambient (authorization.go, policies.go)
"""

from __future__ import annotations

from meshscope.istio.kubernetes import decode
from meshscope.istio.objects.peer_authentication import PeerAuthentication
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Problem

_STRICT = "istio_converted_static_strict"
_CONVERTED = "converted_peer_authentication_"
_ALLOWS_WAYPOINT = "istio_allow_waypoint_"
STRICT = "STRICT"


def maker_of(mesh: Mesh, namespace: str, name: str) -> str:
    """`AuthorizationPolicy back/allow`. The policy for all of mode STRICT is of each PeerAuthentication that has the mode, one
    that lets a waypoint in of the waypoint's Gateway.
    """
    if name.startswith(_ALLOWS_WAYPOINT):
        gateway_namespace, _, gateway = name.removeprefix(_ALLOWS_WAYPOINT).partition("_")
        return f"Gateway {gateway_namespace}/{gateway}"
    if name.startswith(_CONVERTED):
        return f"PeerAuthentication {namespace}/{name.removeprefix(_CONVERTED)}"
    if name == _STRICT:
        return f"PeerAuthentication {', '.join(_strict(mesh)) or f'of mode {STRICT}'}"
    return f"AuthorizationPolicy {namespace}/{name}"


def _strict(mesh: Mesh) -> list[str]:
    found = []
    for item in mesh.objects_of("PeerAuthentication"):
        value = decode(item, PeerAuthentication)
        if not isinstance(value, Problem) and value.spec.mtls and value.spec.mtls.mode == STRICT:
            found.append(f"{item.namespace or 'default'}/{item.name}")
    return found
