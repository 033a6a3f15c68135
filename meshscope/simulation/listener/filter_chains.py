"""Which filter chain of a listener takes a connection. There is no way back: the search never leaves a branch.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch
Where the search ends without a chain, at whatever level, the default chain takes over. A listener with a
`filter_chain_matcher` asks that tree alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.hints import Hint
from meshscope.simulation.listener.filter_chain_levels import LEVELS, ChainFacts, Key, Pick, doubt_about
from meshscope.simulation.matching.string import NEWEST
from meshscope.simulation.verdict import Unknown
from meshscope.xds.extension import Extension
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener import Listener
from meshscope.xds.message import Message, Undecodable, decode, present

if TYPE_CHECKING:
    from meshscope.xds.matcher_tree import Matcher


class ChosenChain(Struct, frozen=True):
    """`index` counts in `filter_chains`; None is the default chain."""

    index: int | None
    chain: FilterChain


class NoChain(Struct, frozen=True):
    """The connection is closed: `filter_chain_not_found`, flag NR."""

    because: str = "no filter chain matches and there is no default"


class UndecidedChain(Struct, frozen=True):
    """One of `candidates`: Envoy's choice is not defined (`ambiguous`), or a fact that is not given decides (`hint`)."""

    candidates: tuple[ChosenChain | NoChain, ...]
    because: str
    ambiguous: bool = False
    hint: Hint | None = None


ChainChoice = ChosenChain | NoChain | UndecidedChain


class StringValue(Message, frozen=True):
    value: str = ""


class _Node(Struct, frozen=True):
    """One level of the index, below the entries of the levels before. A leaf is a tuple of chains' indices.

    `doubtful` are entries of nothing but chains that have a criterion which is not known: they may not be there.
    """

    level: int
    index: Any
    children: dict[Key, Any]
    doubtful: frozenset[Key] = frozenset()

    def without(self, keys: Sequence[Key]) -> _Node:
        """The same as if some entries were not there."""
        children = {key: below for key, below in self.children.items() if key not in keys}
        return _Node(self.level, LEVELS[self.level].index(children), children, self.doubtful - frozenset(keys))


class FilterChains:
    """A listener's chains as an index; build it once for each configuration."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.is_pipe = not listener.is_internal
        self.tree: Matcher | Undecodable | None = None
        self.keys: tuple[tuple[tuple[Key, ...], ...], ...] = ()
        self._indices: dict[tuple[int, tuple[int, ...]], Any] = {}
        if present(listener.filter_chain_matcher):
            from meshscope.xds.matcher_tree import Matcher  # few listeners have a tree

            self.tree = decode(listener.filter_chain_matcher, Matcher)
            self._by_name = {chain.name: ChosenChain(i, chain) for i, chain in enumerate(listener.filter_chains)}
        else:
            self.keys = tuple(
                tuple(tuple(level.keys(chain.filter_chain_match)) or (level.any,) for level in LEVELS)
                for chain in listener.filter_chains
            )
            matches = [chain.filter_chain_match for chain in listener.filter_chains]
            self._doubts = {index: doubt for index, match in enumerate(matches) if (doubt := doubt_about(match))}
            self._root = _built(self.keys, tuple(range(len(self.keys))), 0, self._doubts.keys()) if self.keys else ()

    def find(self, connection: Connection, envoy: Envoy = NEWEST) -> ChainChoice:
        """The connection as the listener filters leave it; an undetected transport protocol is `raw_buffer`."""
        connection = with_transport_protocol(connection)
        if self.tree is not None:
            return self._by_tree(self.tree, connection, envoy)
        found = self._below(self._root, ChainFacts(connection, self.is_pipe))
        if self._doubts and not isinstance(self._root, _Node) and self._doubts.keys() >= set(self._root):
            return _several((found, self.otherwise()), self._doubt(self._root), None)
        return found

    def index_of(self, level: int, chains: tuple[int, ...]) -> Any:
        """One level's index over some of the chains, kept: an explanation asks for the same ones again and again."""
        found = self._indices.get((level, chains))
        if found is None:
            entries = {key: None for chain in chains for key in self.keys[chain][level]}
            found = self._indices[level, chains] = LEVELS[level].index(entries)
        return found

    def otherwise(self) -> ChosenChain | NoChain:
        """The default chain, or none."""
        default = self.listener.default_filter_chain
        return ChosenChain(None, default) if default else NoChain()

    def _below(self, node: Any, facts: ChainFacts) -> ChainChoice:
        while isinstance(node, _Node):
            picked: Pick = LEVELS[node.level].pick(node.index, facts)
            if node.doubtful and (doubtful := [key for key in picked.keys if key in node.doubtful]):
                found = [self._below(node.children[key], facts) for key in picked.keys]
                found.append(self._below(node.without(doubtful), facts))
                return _several(found, self._doubt(self._doubts), picked.hint)
            if len(picked.keys) == 1 and not picked.or_none:
                node = node.children[picked.keys[0]]
            elif picked.keys:
                found = [self._below(node.children[key], facts) for key in picked.keys]
                if picked.or_none:
                    found.append(self.otherwise())
                return _several(found, picked.doubt, picked.hint)
            else:
                return self.otherwise()
        if len(node) == 1:
            return self._chain(node[0])
        doubt = self._doubt(node) or "overlapping matching rules, which Envoy rejects at load"
        return _several([self._chain(index) for index in node], doubt, None) if node else self.otherwise()

    def _doubt(self, chains: Iterable[int]) -> str:
        """What is not known of the first chain of which something is not; "" where everything is known."""
        first = next((index for index in chains if index in self._doubts), None)
        if first is None:
            return ""
        name = self.listener.filter_chains[first].name or f"filter_chains[{first}]"
        return f"filter chain {name}: {self._doubts[first]}"

    def _chain(self, index: int) -> ChosenChain:
        return ChosenChain(index, self.listener.filter_chains[index])

    def _by_tree(self, tree: Matcher | Undecodable, connection: Connection, envoy: Envoy) -> ChainChoice:
        from meshscope.simulation.matching.tree import evaluate  # as above
        from meshscope.simulation.matching.tree_inputs import chain_inputs  # few listeners have a tree

        if isinstance(tree, Undecodable):
            return self._any(f"filter_chain_matcher does not read: {tree.why}")
        action = evaluate(tree, chain_inputs(connection, is_pipe=self.is_pipe), envoy=envoy)
        if action is None:
            return self.otherwise()
        if isinstance(action, Unknown):
            return self._any(action.because)
        name = chain_name(action)
        if name is None:
            return self._any(f"action {action.type_name or action.name} is not modelled")
        return self._by_name.get(name) or NoChain(f"filter_chain_matcher names {name!r}, and no chain has that name")

    def _any(self, because: str) -> UndecidedChain:
        return UndecidedChain((*self._by_name.values(), self.otherwise()), because)


def with_transport_protocol(connection: Connection) -> Connection:
    return connection if connection.transport_protocol else replace(connection, transport_protocol="raw_buffer")


def chain_name(action: Extension) -> str | None:
    """The chain that an action of a `filter_chain_matcher` names."""
    if action.type_name != "google.protobuf.StringValue":
        return None
    value = decode(action.typed_config, StringValue)
    return value.value if isinstance(value, StringValue) else None


_NONE: frozenset[Key] = frozenset()


def _built(keys: Sequence[tuple[tuple[Key, ...], ...]], chains: tuple[int, ...], level: int, doubtful: Set[int]) -> Any:
    """The index over some chains from a level on; levels at which none of them asks are left out."""
    while level < len(LEVELS) and all(keys[chain][level] == (LEVELS[level].any,) for chain in chains):
        level += 1
    if level == len(LEVELS):
        return chains
    entries: dict[Key, list[int]] = {}
    for chain in chains:
        for key in dict.fromkeys(keys[chain][level]):
            entries.setdefault(key, []).append(chain)
    children = {key: _built(keys, tuple(below), level + 1, doubtful) for key, below in entries.items()}
    in_doubt = frozenset(key for key, below in entries.items() if doubtful >= set(below)) if doubtful else _NONE
    return _Node(level, LEVELS[level].index(entries), children, in_doubt)


def _several(found: Sequence[ChainChoice], because: str, hint: Hint | None) -> ChainChoice:
    """One answer where all are the same; else the possible ones, with the first doubt."""
    flat: dict[int | str | None, ChosenChain | NoChain] = {}
    for each in found:
        for one in each.candidates if isinstance(each, UndecidedChain) else (each,):
            flat.setdefault(one.index if isinstance(one, ChosenChain) else "none", one)
    candidates = tuple(flat.values())
    return candidates[0] if len(candidates) == 1 else UndecidedChain(candidates, because, hint is None, hint)
