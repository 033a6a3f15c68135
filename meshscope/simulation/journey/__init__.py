"""A request's whole way: who sends it, where it starts, and proxy after proxy until it ends."""
