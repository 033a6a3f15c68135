"""AuthorizationPolicy rules as Envoy's RBAC policies, and the comparison with those that a proxy has."""
