"""Envoy's role-based access control: policies, permissions and principals, for HTTP and TCP."""
