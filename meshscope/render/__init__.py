"""Values -> text, one renderer for each format. It decides nothing and computes nothing."""
