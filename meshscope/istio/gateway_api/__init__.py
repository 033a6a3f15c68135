"""The Gateway API's objects, typed: a file and a type for each kind, with all fields of the experimental channel.

They follow `istio/objects/`: served versions are alike, a message that is absent is None. Elsewhere a default is the one that
the API server writes in. What kinds share is in files of its own; a kind never imports another.
"""
