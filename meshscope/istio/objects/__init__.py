"""Istio's objects, typed: a file and a type for each kind, with all fields, by the names of Istio's own messages.

All served versions of a kind have the same fields, so one type reads them all (`istio.kubernetes.decode`). A message that is
absent is None, one that is empty is not; so are a oneof's members and numbers whose absence says something else than 0. An
enum that is absent has the word that Istio reads then. Durations stay text, free-form values stay JSON. Messages that kinds
share are in files of their own; a kind never imports another.
"""
