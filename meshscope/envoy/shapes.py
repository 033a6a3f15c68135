"""The kind of a resource without `@type`, by the names of its fields.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto and the pages of the other resources.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import IntEnum

from msgspec import Struct

from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET


class Proof(IntEnum):
    """How much fields prove about an object that is not one of Kubernetes'."""

    HINT = 0
    """In a text of Envoy's configuration they name the resource; elsewhere they may be anything."""
    ITEM = 1
    """An item of a list is Envoy's resource."""
    ALONE = 2
    """A single object is Envoy's resource."""


class Shape(Struct, frozen=True):
    kind: str
    proof: Proof
    fields: frozenset[str]


def _shape(kind: str, proof: Proof, *fields: str) -> Shape:
    return Shape(kind, proof, frozenset(fields))


SHAPES = (
    _shape(LISTENER, Proof.ALONE, "filter_chains"),
    _shape(LISTENER, Proof.ITEM, "default_filter_chain"),
    _shape(LISTENER, Proof.ITEM, "listener_filters"),
    _shape(LISTENER, Proof.ITEM, "api_listener"),
    _shape(ROUTES, Proof.ALONE, "virtual_hosts"),
    _shape(ROUTES, Proof.ITEM, "vhds"),
    _shape(ENDPOINTS, Proof.ALONE, "cluster_name", "endpoints"),
    _shape(ENDPOINTS, Proof.ITEM, "cluster_name"),
    _shape(SECRET, Proof.ITEM, "name", "tls_certificate"),
    _shape(SECRET, Proof.ITEM, "name", "validation_context"),
    _shape(SECRET, Proof.ITEM, "name", "session_ticket_keys"),
    _shape(SECRET, Proof.ITEM, "name", "generic_secret"),
    _shape(CLUSTER, Proof.ALONE, "name", "load_assignment"),
    _shape(CLUSTER, Proof.ITEM, "name", "connect_timeout"),
    _shape(CLUSTER, Proof.ITEM, "name", "lb_policy"),
    _shape(CLUSTER, Proof.ITEM, "name", "eds_cluster_config"),
    _shape(CLUSTER, Proof.ITEM, "name", "cluster_type"),
    _shape(CLUSTER, Proof.ITEM, "name", "transport_socket"),
    _shape(CLUSTER, Proof.ITEM, "name", "circuit_breakers"),
    _shape(CLUSTER, Proof.HINT, "name", "type"),
    _shape(LISTENER, Proof.HINT, "name", "address"),
)
"""The first shape counts whose fields the object has."""


def is_client_config(fields: AbstractSet[str]) -> bool:
    """Whether an object with these fields (in snake_case) is a CSDS `ClientConfig`."""
    return "node" in fields and bool(fields & {"xds_config", "generic_xds_configs"})


def kind_by_shape(fields: AbstractSet[str], least: Proof = Proof.HINT) -> str:
    """The kind of a resource with these fields (in snake_case); "" without such proof."""
    return next((shape.kind for shape in SHAPES if shape.proof >= least and shape.fields <= fields), "")
