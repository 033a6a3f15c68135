"""One HTTP filter per file: made from its configuration, then called for each request."""
