"""The whole picture: proxies, services, control planes and objects, linked; look-ups and graphs."""
