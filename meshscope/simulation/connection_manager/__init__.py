"""The HTTP connection manager before routing: codec, checks, normalisation, and the headers that it adds and removes."""
