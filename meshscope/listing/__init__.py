"""What there is: kinds of things, rows of each, selection, search and description. `get`, `describe`, `find` and the
browser read this room; how a request ends is simulation's.
"""
