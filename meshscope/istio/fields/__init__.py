"""What fields an object of Istio or of the Gateway API may have, what they may hold, and what of an object is not so.

The facts are those of the CustomResourceDefinitions: of the input where it has them, else `istio.json` and `gateway_api.json`,
which `scripts/make_field_facts.py` writes.
"""
