"""Envoy's admin formats -> xds: config_dump in every dialect, plain bootstrap files, /clusters, /listeners and the rest."""
