"""The only code that talks to the world: Envoy's admin, istiod's debug endpoints, Kubernetes -> a Snapshot.

Invariant: it asks and never changes anything; every request is a GET, or the port-forward or exec that carries one.
"""
