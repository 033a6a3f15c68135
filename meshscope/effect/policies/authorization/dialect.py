"""What the control plane, the mesh and the policy add to the meaning of a rule's values.

https://github.com/istio/istio/blob/master/pilot/pkg/security/trustdomain/bundle.go
"""

from __future__ import annotations

import re

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.istio.version import parse_version
from meshscope.istio.version_gates import QUOTED_REGEX, TRUST_DOMAINS

_LOCAL = "cluster.local"
_PRINCIPAL_PARTS = 5


class Dialect(Struct, frozen=True):
    """`namespace` is the policy's. `trust_domains` begins with the mesh's own.

    `is_old_jwt`: claims come from Istio's own filter, before 1.21. `quotes`: special characters of values are quoted in
    regular expressions. The three before the last are what the control plane knows.
    """

    namespace: str
    trust_domains: tuple[str, ...] = (_LOCAL,)
    is_old_jwt: bool = False
    is_old_host: bool = False
    quotes: bool = True
    templates: bool = True
    service_accounts: bool = True
    trust_domain_fields: bool = True
    is_waypoint: bool = False

    def quoted(self, text: str) -> str:
        """As in Go: letters, digits and other signs stay."""
        return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text) if self.quotes else text

    def principals(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """Each principal of a trust domain of the mesh, or of `cluster.local`, once for every trust domain of the mesh."""
        return tuple(found for value in values for found in self._principals(value))

    def _principals(self, value: str) -> tuple[str, ...]:
        parts = value.split("/")
        if len(parts) != _PRINCIPAL_PARTS or parts[0] == "*":
            return (value,)
        own = parts[0]
        if own != _LOCAL and not any(_fits(domain, own) for domain in self.trust_domains):
            return (value,)
        replaced = (
            value if own.startswith("*") and _fits(domain, own) else "/".join((domain, *parts[1:]))
            for domain in self.trust_domains
        )
        return tuple(dict.fromkeys(replaced))


def _fits(domain: str, pattern: str) -> bool:
    return domain == pattern or (pattern.startswith("*") and domain.endswith(pattern[1:]))


def dialect(configuration: Configuration, namespace: str, client: Client) -> Dialect:
    """Of a policy in `namespace` at a proxy, whose own version decides about filters."""
    settings, since = configuration.settings, configuration.is_since
    own = parse_version(client.proxy.node.istio_version) if client.proxy.node else None
    return Dialect(
        namespace,
        trust_domains=(settings.trust_domain, *settings.trust_domain_aliases),
        is_old_jwt=own < (1, 21) if own else not since(1, 21),
        is_old_host=own < (1, 11) if own else not since(1, 11),
        quotes=configuration.knows(QUOTED_REGEX),
        templates=since(1, 22),
        service_accounts=since(1, 25),
        trust_domain_fields=configuration.knows(TRUST_DOMAINS),
        is_waypoint=client.kind == "waypoint",
    )
