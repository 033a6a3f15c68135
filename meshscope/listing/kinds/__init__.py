"""The kinds that `get`, `describe`, `find` and the browser know: one file each, listed in `registry`."""
