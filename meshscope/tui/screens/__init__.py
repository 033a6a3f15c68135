"""One screen a file: what it shows is worked out by free functions, in workers where it takes time."""
