"""ztunnel's admin interface, which is its /config_dump.

https://github.com/istio/ztunnel/blob/master/src/admin.rs
"""

from __future__ import annotations

from meshscope.collect.client import Asker
from meshscope.collect.collection import Errand, Wanted
from meshscope.snapshot.snapshot import ProxyId


async def ask_ztunnel(errand: Errand, asker: Asker, owner: ProxyId) -> bool:
    """What one ztunnel holds, one document; whether it answered at all."""
    answer = await errand.take(asker, Wanted("/config_dump", "ztunnel", owner), absent=())
    return answer is None or answer.is_reached
