"""Scoped routes: the scope whose key a request's headers build, and so its route configuration.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/scoped_route.proto
Keys are equal fragment by fragment, byte by byte. A header that does not give a fragment gives no key, and no key has a scope.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from meshscope.location import Location
from meshscope.simulation.connection import HttpRequest
from meshscope.xds.scoped_routes import FragmentBuilder, HeaderValueExtractor, ScopedRouteConfiguration, ScopeKeyBuilder

Key = tuple[str, ...]


class Scope(Struct, frozen=True):
    config: ScopedRouteConfiguration
    location: Location


class Scopes:
    """The scopes of one connection manager. `doubt` says why others may exist, "" where all are known."""

    def __init__(self, builder: ScopeKeyBuilder, scopes: Iterable[Scope], doubt: str = "") -> None:
        self._builder, self.doubt = builder, doubt
        self._by_key: dict[Key, Scope] = {}
        for scope in scopes:
            key = tuple(fragment.string_key for fragment in scope.config.key.fragments)
            self._by_key.setdefault(key, scope)

    def find(self, request: HttpRequest) -> tuple[Scope | None, str]:
        """The scope, None where there is none, and the key in words."""
        key: list[str] = []
        for fragment in self._builder.fragments:
            value = _fragment(fragment, request)
            if value is None:
                return None, f"no scope key: {_words(fragment)} gives no value"
            key.append(value)
        return self._by_key.get(tuple(key)), f"scope key {', '.join(map(repr, key))}"


def _fragment(builder: FragmentBuilder, request: HttpRequest) -> str | None:
    """A repeated header gives its first value."""
    extractor = builder.header_value_extractor or HeaderValueExtractor()
    values = request.values(extractor.name)
    if not values:
        return None
    separator = extractor.element_separator
    elements = values[0].split(separator) if separator else [values[0]]
    if extractor.element is None:
        index = extractor.index or 0
        return elements[index] if index < len(elements) else None
    for element in elements:
        key, _, value = element.partition(extractor.element.separator)
        if key == extractor.element.key:
            return value
    return None


def _words(builder: FragmentBuilder) -> str:
    extractor = builder.header_value_extractor or HeaderValueExtractor()
    of = f" for {extractor.element.key}" if extractor.element else f" at {extractor.index}" if extractor.index else ""
    return f"header {extractor.name}{of}"
