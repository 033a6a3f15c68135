"""Istio's and Kubernetes' own formats, typed, without I/O.

`objects/`, `gateway_api/` and `kubernetes/` have the typed objects of Istio, the Gateway API and Kubernetes, `fields/` the
shapes that theirs must have, `kinds/` the words and columns of every kind, `debug/` the answers of istiod and ztunnel,
`recognition/` how documents are recognised; the modules here are Istio's objects, names and rules.
"""
