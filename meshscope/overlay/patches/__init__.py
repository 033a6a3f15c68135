"""The parts of a proxy that patches of applied EnvoyFilters touch."""
