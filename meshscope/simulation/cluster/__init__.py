"""Cluster and endpoint: subsets, priorities, load balancing, and the connection to the upstream."""
