"""The kinds that `get`, `describe` and completion know: one file each, listed in `registry`. No kind imports another one."""
