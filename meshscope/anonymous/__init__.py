"""Names and addresses replaced consistently in a whole snapshot, so that it can be published and still be traced."""
