"""JSON web tokens as Envoy's filter reads them: where they stand, their form, keys, requirements."""
