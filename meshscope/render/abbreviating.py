"""Long names without what all names of a mesh share, so that their differences stay.

    outbound|9080|v1|reviews.default.svc.cluster.local     as it is
    outbound|9080|v1|reviews.default…                      without the cluster's domain
    …|9080|v1|reviews.default…                             and without the direction that nearly all clusters have

Names in a trust domain lose the domain: spiffe://cluster.local/ns/default/sa/x -> …/ns/default/sa/x.
"""

from __future__ import annotations

import re

from meshscope.render.text import CUT

_DOMAIN = r"\.svc\.[\w.-]+|(?:spiffe://[^/\s]+)(?=/ns/)"
_OUTBOUND = r"(?<![\w|])outbound(?=[|_])"

MOST = 2
"""The strongest level; 0 leaves a text unchanged."""


def abbreviated(text: str, level: int) -> str:
    if level >= 1:
        text = re.sub(_DOMAIN, CUT, text)
    return re.sub(_OUTBOUND, CUT, text) if level >= MOST else text
