"""Names and addresses replaced consistently over a whole snapshot, so that it can be posted and still be traced."""
