"""Envoy's matchers, one a file: does this value match? Yes, no, or unknown with its reason."""
