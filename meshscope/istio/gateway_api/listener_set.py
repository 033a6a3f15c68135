"""ListenerSet: more listeners of a Gateway. https://gateway-api.sigs.k8s.io/reference/spec/#listenerset"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import Condition
from meshscope.istio.gateway_api.listener import Listener, ListenerStatus
from meshscope.istio.gateway_api.references import ParentGatewayReference
from meshscope.typed import Typed


class ListenerSetSpec(Typed, frozen=True, rename="camel"):
    parent_ref: ParentGatewayReference = ParentGatewayReference()
    listeners: tuple[Listener, ...] = ()


class ListenerSetStatus(Typed, frozen=True):
    conditions: tuple[Condition, ...] = ()
    listeners: tuple[ListenerStatus, ...] = ()


class ListenerSet(Typed, frozen=True):
    spec: ListenerSetSpec = ListenerSetSpec()
    status: ListenerSetStatus = ListenerSetStatus()
