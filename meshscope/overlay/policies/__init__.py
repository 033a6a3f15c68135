"""The RBAC policies that AuthorizationPolicies touch."""
