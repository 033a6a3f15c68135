"""Istio's and Kubernetes' own formats: names, objects, what istiod and ztunnel say of themselves. Typed, no I/O."""
