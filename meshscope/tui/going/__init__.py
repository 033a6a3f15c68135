"""Where a key leads from any screen: what has a name, keys and commands, the request behind a row."""
