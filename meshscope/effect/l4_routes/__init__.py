"""Filter chains that istiod makes of the `tls` and `tcp` rules of VirtualServices, and those that a proxy has."""
