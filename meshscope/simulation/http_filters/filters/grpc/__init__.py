"""Filters between gRPC and HTTP/1.1 or the browser, under Envoy's names."""
