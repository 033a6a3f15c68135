"""Values -> text, one renderer for each format. A renderer decides nothing and computes nothing."""
