"""ReferenceGrants: may an object refer to one of another namespace?

https://gateway-api.sigs.k8s.io/reference/spec/#referencegrant
"""

from __future__ import annotations

from meshscope.effect.gateway_api.sources import Sources
from meshscope.istio.gateway_api.references import GROUP
from meshscope.istio.provenance import ObjectRef


def is_granted(sources: Sources, kind: str, namespace: str, to: ObjectRef) -> bool:
    """For an object of the Gateway API of that kind in `namespace`; within a namespace nothing has to be granted."""
    if namespace == to.namespace:
        return True
    for grant in sources.grants:
        if grant.namespace != to.namespace:
            continue
        spec = grant.value.spec
        is_from = any((one.group, one.kind, one.namespace) == (GROUP, kind, namespace) for one in spec.from_)
        if is_from and any(
            (one.group, one.kind) == (to.group, to.kind) and one.name in ("", to.name) for one in spec.to
        ):
            return True
    return False
