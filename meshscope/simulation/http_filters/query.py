"""A path without a query parameter, as Envoy writes it: the others decoded, and sorted by name.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/api_key_auth_filter
"""

from __future__ import annotations

from operator import itemgetter
from urllib.parse import unquote


def without_parameter(path: str, name: str) -> str:
    before, mark, query = path.partition("?")
    if not name or not mark:
        return path
    listed = query.removesuffix("&").split("&") if query else []
    pairs = [tuple(map(unquote, pair.partition("=")[::2])) for pair in listed]
    others = "&".join("=".join(pair) for pair in sorted(pairs, key=itemgetter(0)) if pair[0] != name)
    return f"{before}?{others}" if others else before
