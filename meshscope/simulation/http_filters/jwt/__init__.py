"""JSON Web Tokens as Envoy's filter handles them: their locations, form and signatures, and the requirements of rules."""
