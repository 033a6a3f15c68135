"""The HTTP filters of a connection manager: their order, their per-route configurations, and the filters that are modelled."""
