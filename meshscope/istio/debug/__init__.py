"""The answers of istiod's and ztunnel's debug endpoints, typed; one module for each."""
