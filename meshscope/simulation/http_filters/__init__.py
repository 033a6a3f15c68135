"""The HTTP filters of a connection manager: their order, what routes say to them, and which of them are modelled."""
