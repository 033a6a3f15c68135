"""Istio's and Kubernetes' own formats, typed, without I/O.

`kubernetes/` has typed Kubernetes objects, `kinds/` the words and columns of every kind, `debug/` the answers of istiod and
ztunnel, `recognition/` how documents are recognised; the modules here are Istio's objects, names and rules.
"""
