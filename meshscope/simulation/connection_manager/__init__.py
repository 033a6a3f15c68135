"""The HTTP connection manager before routing: codec, checks, normalisation, headers of the edge."""
