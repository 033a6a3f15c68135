"""Clusters that istiod makes of services and DestinationRules, and how they compare with those of a proxy."""
