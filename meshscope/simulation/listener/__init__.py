"""Listener, listener filters, filter chain, TLS handshake and network filters: what becomes of a connection."""
