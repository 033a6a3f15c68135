"""What would be different if manifests were applied: the touched parts of proxies rebuilt, and what cannot be said by name."""
