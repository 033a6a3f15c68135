"""Data that is written in the configuration or lies elsewhere.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-datasource
"""

from __future__ import annotations

from base64 import b64decode

from meshscope.xds.message import Message


class DataSource(Message, frozen=True):
    """`inline_bytes` in base64. A dump shows secret data as `[redacted]`."""

    filename: str = ""
    inline_bytes: str = ""
    inline_string: str = ""
    environment_variable: str = ""

    @property
    def text(self) -> str | None:
        """The data, None where it is not in the configuration or was hidden."""
        if self.inline_bytes:
            try:
                text = b64decode(self.inline_bytes, validate=True).decode()
            except ValueError:  # UnicodeDecodeError and binascii.Error are among them
                return None
        elif self.filename or self.environment_variable:
            return None
        else:
            text = self.inline_string
        return None if text.startswith("[redacted]") else text
