"""The clusters and subsets that DestinationRules touch."""
