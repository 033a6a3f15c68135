"""What security policies ask of the inbound side of a proxy."""
