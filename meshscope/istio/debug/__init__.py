"""What istiod's and ztunnel's debug endpoints answer, one file each, and what each answer is recognised by."""
