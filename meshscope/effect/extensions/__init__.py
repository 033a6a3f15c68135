"""Filters that people bring along: Wasm modules and Lua."""
