"""A Kubernetes cluster as a source: its objects, and every proxy and control plane in it."""
