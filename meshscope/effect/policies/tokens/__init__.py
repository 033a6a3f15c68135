"""JWT rules of RequestAuthentications against the providers of Envoy's JWT filter."""
