"""Long names without what all names of a mesh share, so that their differences stay.

    outbound|9080|v1|reviews.default.svc.cluster.local     as it is
    outbound|9080|v1|reviews.default…                      without the cluster's domain
    …|9080|v1|reviews.default…                             and without the direction that nearly all clusters have

Names in a trust domain lose the domain: spiffe://cluster.local/ns/default/sa/x -> …/ns/default/sa/x. Matches of filter chains
that istiod writes everywhere become a word: Trans: raw_buffer; App: http/1.1,h2c -> HTTP. The state that is no news is a mark.
"""

from __future__ import annotations

import re

from meshscope.render.text import CUT

_DOMAIN = r"\.svc\.[\w.-]+|(?:spiffe://[^/\s]+)(?=/ns/)"
_OUTBOUND = r"(?<![\w|])outbound(?=[|_])"
_MATCH = r"\bTrans: (tls|raw_buffer)(?:; App: ([\w./,-]+))?"

_PLAIN_HTTP = {"http/1.0", "http/1.1", "h2c"}
_ISTIO_HTTP = {"istio-http/1.0", "istio-http/1.1", "istio-h2"}
_ISTIO_TCP = {"istio", "istio-peer-exchange"}
"""What proxies of Istio offer as ALPN.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/util/util.go
"""

_MARKS = {"SYNCED": "✓"}

MOST = 2
"""The strongest level; 0 leaves a text unchanged."""


def abbreviated(text: str, level: int) -> str:
    if level >= 1:
        text = _MARKS.get(text, text)
        text = re.sub(_DOMAIN, CUT, text)
        text = re.sub(_MATCH, _match_word, text)
    return re.sub(_OUTBOUND, CUT, text) if level >= MOST else text


def _match_word(match: re.Match[str]) -> str:
    transport, protocols = match[1], set((match[2] or "").split(",")) - {""}
    if transport == "raw_buffer":
        return "HTTP" if protocols and protocols <= _PLAIN_HTTP else match[0] if protocols else "plain text"
    if not protocols <= _ISTIO_HTTP | _ISTIO_TCP:
        return f"TLS; App: {match[2]}"
    if not protocols:
        return "TLS"
    word = "" if protocols & _ISTIO_HTTP and protocols & _ISTIO_TCP else " HTTP" if protocols & _ISTIO_HTTP else " TCP"
    return f"TLS of Istio{word}"
