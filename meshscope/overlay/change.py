"""What would be different in a proxy, and what cannot be told."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from meshscope.effect.answer import Difference
from meshscope.location import Location


class Kind(StrEnum):
    """How something of a proxy would differ."""

    MADE = "made"
    CHANGED = "changed"
    MOVED = "moved"
    """It is the same and stands at another place among its like."""
    VANISHES = "vanishes"


class Change(Struct, frozen=True, kw_only=True):
    """One route, virtual host, cluster, list of endpoints or policy of a proxy.

    `object` is `Kind namespace/name` of what it is made of, and `rule` the path in its spec; "" where istiod makes it without
    any, or nothing tells the rule. `before` and `after` are in words, None where a side has nothing; of `differences`,
    `expected` is how a field would be, and `actual` how it is. `location` is that of the rule, `made` that of what the proxy
    has today.
    """

    proxy: str
    what: str
    name: str
    change: Kind
    object: str = ""
    rule: str = ""
    before: str | None = None
    after: str | None = None
    differences: tuple[Difference, ...] = ()
    location: Location | None = None
    made: Location | None = None


class Reach(StrEnum):
    """Which requests something decides about that is not rebuilt."""

    NOTHING = "nothing"
    """Worth a word, and decides about no request."""
    NOWHERE = "nowhere"
    """It is known to do nothing, and why."""
    REQUESTS = "requests"
    """All of them, or of one proxy all that pass it."""
    INBOUND = "inbound"
    """Those that a proxy receives for its workload."""
    ROUTES = "routes"
    """Those that meet a route configuration, or one virtual host of it."""
    CLUSTER = "cluster"
    """Those that a proxy sends to a cluster."""
    HOSTS = "hosts"
    """Those to some hosts, and those that go where no host is known."""
    LISTENER = "listener"
    """Those that a listener takes."""


class NotRebuilt(Struct, frozen=True, kw_only=True):
    """Something that an object would change and that is not known, by name. `proxy` is None for all.

    `decides` says about which requests, and `name` narrows them: a cluster, a listener, `table` or `table/virtual host`, hosts.
    """

    object: str
    because: str
    proxy: str | None = None
    decides: Reach = Reach.REQUESTS
    name: str = ""
    location: Location | None = None

    def __str__(self) -> str:
        return f"{self.object}: {self.because}" if self.object else self.because
