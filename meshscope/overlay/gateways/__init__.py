"""Gateways, the Gateway API and Ingresses: what istiod makes of them, and the listeners that differ."""
