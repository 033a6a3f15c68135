"""One HTTP filter a file: made of its configuration, then asked for each request."""
