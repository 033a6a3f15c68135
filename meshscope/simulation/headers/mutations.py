"""`request_headers_to_add`, `_to_remove` and their response twins, at every level of a route table.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
One level at a time: first the removals, then all values are formatted from what is there, then overwrites, then additions.
A weighted entry is first, then route, virtual host, route configuration, so that the least specific has the last word;
`most_specific_header_mutations_wins` turns those three round. Envoy refuses to change `:path`, `host` and their like here.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.inline import add_headers, set_header
from meshscope.simulation.headers.substitution import Substitution, SubstitutionFacts
from meshscope.simulation.request import Headers
from meshscope.xds.route import Route, RouteConfigurationHead, VirtualHost
from meshscope.xds.route_action import ClusterWeight, HeaderValueOption


class _Addition(Struct, frozen=True):
    name: str
    value: Substitution
    action: str
    keep_empty: bool


class HeaderMutation:
    """The removals and additions of one level, parsed once."""

    def __init__(self, to_add: tuple[HeaderValueOption, ...], to_remove: tuple[str, ...]) -> None:
        self._removed = frozenset(name.lower() for name in to_remove if not _is_fixed(name))
        self._added = tuple(_addition(option) for option in to_add if not _is_fixed(option.header.key))

    def __bool__(self) -> bool:
        return bool(self._removed or self._added)

    def removed(self, headers: Headers) -> Headers:
        """First step: `headers` without what this level removes. Values of the second step do not see it any more."""
        if not self._removed:
            return headers
        return tuple((name, value) for name, value in headers if name not in self._removed)

    def added(self, headers: Headers, facts: SubstitutionFacts) -> Headers:
        """Second step: overwrites, then additions. `facts` answers the operators."""
        if not self._added:
            return headers
        present = {name for name, _ in headers}
        overwrites, additions = [], []
        for addition in self._added:
            value = addition.value.format(facts)
            if not value and not addition.keep_empty:
                continue
            if addition.action == "APPEND_IF_EXISTS_OR_ADD":
                additions.append((addition.name, value))
            elif addition.action == "ADD_IF_ABSENT":
                if addition.name not in present:
                    additions.append((addition.name, value))
            elif addition.action == "OVERWRITE_IF_EXISTS_OR_ADD" or addition.name in present:
                overwrites.append((addition.name, value))
        for name, value in overwrites:
            headers = set_header(headers, name, value)
        return add_headers(headers, additions)

    def added_to(self, request: HttpRequest, facts: SubstitutionFacts) -> tuple[HttpRequest, tuple[str, ...]]:
        """Second step for a request, and the operators that stayed unknown. The headers with such a value are hidden."""
        doubtful = [(one.name, found) for one in self._added if (found := one.value.formatted(facts)[1])]
        headers = self.added(request.headers, facts)
        if not doubtful:
            return replace(request, headers=headers), ()
        hidden = request.hidden | {name for name, _ in doubtful}
        return replace(request, headers=headers, hidden=hidden), tuple(one for _, found in doubtful for one in found)


class HeaderMutations:
    """All levels of one route in Envoy's order."""

    def __init__(self, table: RouteConfigurationHead, host: VirtualHost, route: Route) -> None:
        levels = (route, host, table)
        if table.most_specific_header_mutations_wins:
            levels = (table, host, route)  # type: ignore[assignment]  # the three have the same four fields
        self._request = _of(HeaderMutation(o.request_headers_to_add, o.request_headers_to_remove) for o in levels)
        self._response = _of(HeaderMutation(o.response_headers_to_add, o.response_headers_to_remove) for o in levels)

    @property
    def request(self) -> tuple[HeaderMutation, ...]:
        """The levels that do something to requests, in order, without a weighted entry's."""
        return self._request

    @property
    def response(self) -> tuple[HeaderMutation, ...]:
        return self._response


def of_entry(entry: ClusterWeight) -> tuple[HeaderMutation, HeaderMutation]:
    """A weighted entry's mutations of the request and of the response; they precede all others."""
    return (
        HeaderMutation(entry.request_headers_to_add, entry.request_headers_to_remove),
        HeaderMutation(entry.response_headers_to_add, entry.response_headers_to_remove),
    )


def response_headers(mutations: Iterable[HeaderMutation], headers: Headers, facts: SubstitutionFacts) -> Headers:
    """Response headers after every level; `facts.response` need not be set."""
    for mutation in mutations:
        headers = mutation.removed(headers)
        headers = mutation.added(headers, replace(facts, response=headers))
    return headers


def _of(levels: Iterable[HeaderMutation]) -> tuple[HeaderMutation, ...]:
    return tuple(level for level in levels if level)


def _is_fixed(name: str) -> bool:
    return name.startswith(":") or name.lower() == "host"


def _addition(option: HeaderValueOption) -> _Addition:
    """The older `append` says true for appending (its default) and false for overwriting."""
    action = option.append_action
    if option.append is not None:
        action = "APPEND_IF_EXISTS_OR_ADD" if option.append else "OVERWRITE_IF_EXISTS_OR_ADD"
    name = option.header.key.lower()
    return _Addition(name, Substitution(option.header.value), action, option.keep_empty_value)
