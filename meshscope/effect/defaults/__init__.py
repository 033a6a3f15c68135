"""What istiod makes of services alone, where no rule says anything: it is no object's effect, but has a name."""
