"""Patches of EnvoyFilters, and the parts of a proxy's configuration that they may touch."""
