"""Routes that istiod makes of the `http` rules of VirtualServices, and how they compare with those of a proxy."""
