"""Envoy's own resources in v3 terms, typed; one file per concept, no I/O.

Types hold what routing, security and load balancing read; a field that is not typed stays in the raw slice of its
resource. Names and meanings are those of https://www.envoyproxy.io/docs/envoy/latest/api-v3/api.
"""
