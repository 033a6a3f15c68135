"""One proxy from the socket to its upstream, stage after stage, with everything it has compiled."""
