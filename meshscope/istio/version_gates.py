"""Rules of Istio that came with patches of several lines at once. https://istio.io/latest/news/releases/"""

from __future__ import annotations

from meshscope.istio.version import Since

CLOSEST_HOST = Since((1, 21), ((1, 18, 7), (1, 19, 6), (1, 20, 2)))
"""Of VirtualServices for one host the one with the most specific host wins; before, the oldest."""
WILDCARD_HOSTS = Since((1, 21), ((1, 19, 8), (1, 20, 4)))
"""Wildcard hosts of VirtualServices that are no service have virtual hosts."""
REGEX_FOR_ALL = Since((1, 21), ((1, 19, 8), (1, 20, 4)))
"""The regular expression `.*` takes every path, so that the list of routes ends with it."""
SEVERAL_EXPORT_TO = Since((1, 21))
"""A DestinationRule that is exported to its own namespace among others is exported to the others too."""
DEFAULT_EXPORT_TO = Since((1, 31), ((1, 30, 3),))
"""The mesh's default for Services and VirtualServices that names `.` among others means the others too."""
TRUST_DOMAINS = Since((1, 31), ((1, 30, 2),))
"""`trustDomains` of an AuthorizationPolicy. The API server has the field since 1.30.0."""
QUOTED_REGEX = Since((1, 30), ((1, 28, 7), (1, 29, 3)))
"""Special characters of principals and namespaces are quoted in the regular expressions made of them."""
BUDGET_IN_PERCENT = Since((1, 30), ((1, 28, 6), (1, 29, 2)))
"""A `retryBudget` without `percent` is 20 % of the requests; before, 0.2 %."""
BUDGET_BESIDE_SUBSETS = Since((1, 30), ((1, 29, 2),))
"""A `retryBudget` counts for subsets with a policy of their own, too, and one of such a subset."""
UNRESOLVED_CA = Since((1, 31, 1), ((1, 30, 4),))
"""Without its certificate authority a policy of the Gateway API closes connections; before, sidecars left out TLS."""
