"""The cipher suites up to TLS 1.2 that two sides have in common; those of TLS 1.3 cannot be configured.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-tlsparameters
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from meshscope.simulation.verdict import YES, Verdict, no, unknown

_NAMES = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
    "TLS_RSA_WITH_AES_128_GCM_SHA256": "AES128-GCM-SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384": "AES256-GCM-SHA384",
    "TLS_RSA_WITH_AES_128_CBC_SHA": "AES128-SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA": "AES256-SHA",
}
"""Their standard names, and OpenSSL's; a list may have either."""
_KNOWN = frozenset(_NAMES.values())
_DEFAULTS = frozenset({
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
})  # fmt: skip
"""Of an Envoy without a list, on either side. Older ones and FIPS builds have others."""


def in_common_suites(server: tuple[str, ...], client: tuple[str, ...], keys: Collection[str]) -> Verdict:
    """Whether two sides share a suite that fits a key of the server, from what each lists; () is an Envoy's defaults, which
    differ with its build. `keys` are RSA, ECDSA, or "" for any other.
    """
    if not server and not client:
        return YES
    its, theirs = (_suites_of(one) if one else _DEFAULTS for one in (server, client))
    for side, listed, suites in (("server", server, its), ("client", client, theirs)):
        if listed and suites and not _fitting(suites, keys):
            return no(f"the {side} lists no cipher suite for a certificate with an {' or '.join(sorted(keys))} key")
    if its and theirs:
        if _fitting(its & theirs, keys):
            return YES
        if server and client:
            return no("the two sides list no cipher suite in common")
    elif set(server) & set(client):
        return YES
    return unknown("the lists of both sides' cipher suites may have none in common")


def _fitting(suites: Iterable[str], keys: Collection[str]) -> list[str]:
    return [suite for suite in suites if not keys or "" in keys or ("ECDSA" if "ECDSA" in suite else "RSA") in keys]


def _suites_of(listed: Iterable[str]) -> frozenset[str] | None:
    """The suites of a list, whose entries may be groups of equal rank (`[A|B]`); None where an entry is no plain suite."""
    names = [name for entry in listed for name in re.split(r"[\[\]|:]", entry) if name]
    found = frozenset(_NAMES.get(name, name) for name in names)
    return found if found and found <= _KNOWN else None
