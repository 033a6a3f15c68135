"""How Kubernetes', Istio's and ztunnel's documents are recognised: one table of rules for objects, one for arrays."""
