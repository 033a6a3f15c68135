"""One file for each kind: its rules, the proxies that they should reach, and whether they do."""
