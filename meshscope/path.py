"""A path into a document (keys and indices): its text, and protobuf's other spelling of a key."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

Path = tuple[str | int, ...]


def path_text(path: Sequence[str | int]) -> str:
    """`configs[1].cluster`, as in jq and kubectl's jsonpath; an odd key in brackets and quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"[\w@/$-]+", part):
            text += f".{part}" if text else part
        else:
            text += "[" + msgspec.json.encode(part).decode() + "]"
    return text


def camel(key: str) -> str:
    """protobuf's JSON name of a field: `typed_config` -> `typedConfig`."""
    head, *tail = key.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)
