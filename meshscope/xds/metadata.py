"""Free-form metadata: keys are data and are kept as they are.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-metadata
"""

from __future__ import annotations

from typing import Any

from meshscope.xds.message import Message


class Metadata(Message, frozen=True):
    filter_metadata: dict[str, dict[str, Any]] = {}

    def value(self, namespace: str, key: str) -> Any:
        """One value by filter name and key; None where either is absent."""
        return self.filter_metadata.get(namespace, {}).get(key)

    def text(self, namespace: str, key: str) -> str:
        """The same where it is text, else ""."""
        value = self.value(namespace, key)
        return value if isinstance(value, str) else ""
