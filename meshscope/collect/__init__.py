"""Live sources: Envoy's admin, istiod's debug endpoints, Kubernetes -> a Snapshot. Nothing else uses the network.

Invariant: this room only reads. Every request is a GET, or the port-forward or exec that carries one.
"""
