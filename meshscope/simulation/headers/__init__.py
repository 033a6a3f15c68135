"""Headers as Envoy keeps them: inline ones, mutations, and the substitutions in their values."""
