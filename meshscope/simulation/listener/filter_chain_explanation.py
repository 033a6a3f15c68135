"""Why each other filter chain lost: the first level at which it leaves the path of the choice.

A chain may lose although each of its own criteria fits: a more specific entry of another chain shadows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.listener.filter_chain_levels import LEVELS, ChainFacts, Key, Level
from meshscope.simulation.listener.filter_chains import (
    ChainChoice,
    ChosenChain,
    FilterChains,
    NoChain,
    with_transport_protocol,
)
from meshscope.simulation.matching.string import NEWEST
from meshscope.simulation.trace import Rejected
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener import chain_path
from meshscope.xds.tls import DownstreamTlsContext

_Alive = dict[int, tuple[Key, ...]]


def rejected_chains(
    chains: FilterChains,
    connection: Connection,
    found: ChainChoice,
    *,
    at: Location | None = None,
    envoy: Envoy = NEWEST,
) -> tuple[Rejected, ...]:
    """All chains but the chosen one, the nearest first. `at` is the place of the listener."""
    del envoy
    listener = chains.listener
    if chains.tree is None:
        reasons = dict(_by_level(chains, ChainFacts(with_transport_protocol(connection), chains.is_pipe), found))
    else:
        because = f"filter_chain_matcher: {_outcome_words(found)}"
        reasons = dict.fromkeys(range(len(listener.filter_chains)), (99, because))
    possible = _possible(found)
    lost = sorted(((near, index, because) for index, (near, because) in reasons.items() if index not in possible))
    rejected = [_rejected(index, listener.filter_chains[index], because, near, at) for near, index, because in lost]
    if listener.default_filter_chain and None not in possible:
        rejected.append(_rejected(None, listener.default_filter_chain, f"not needed: {_outcome_words(found)}", 99, at))
    return tuple(rejected)


def title(index: int | None, chain: FilterChain) -> str:
    """A chain's name, or its place where it has none."""
    return chain.name or ("default_filter_chain" if index is None else f"filter_chains[{index}]")


def _rejected(index: int | None, chain: FilterChain, because: str, near: int, at: Location | None) -> Rejected:
    return Rejected(title(index, chain), because, at.below(chain_path(index)) if at else None, near)


def _possible(found: ChainChoice) -> frozenset[int | None]:
    if isinstance(found, ChosenChain):
        return frozenset({found.index})
    candidates = () if isinstance(found, NoChain) else found.candidates
    return frozenset(each.index for each in candidates if isinstance(each, ChosenChain))


def _outcome_words(found: ChainChoice) -> str:
    if isinstance(found, ChosenChain):
        return f"chooses {title(found.index, found.chain)}"
    return found.because


def _by_level(chains: FilterChains, facts: ChainFacts, found: ChainChoice) -> Iterator[tuple[int, tuple[int, str]]]:
    """For each chain that leaves the path: how near it came (0: the last level), and why it left."""
    every = chains.listener.filter_chains
    alive = list(range(len(every)))
    for depth, level in enumerate(LEVELS):
        if not alive:
            return
        asked: _Alive = {i: chains.keys[i][depth] for i in alive}
        taken = level.pick(chains.index_of(depth, tuple(alive)), facts).keys
        picked = frozenset(taken)
        winner = next((i for i, others in asked.items() if taken and taken[0] in others), None)
        alive = [index for index, keys in asked.items() if not picked.isdisjoint(keys)]
        for index, keys in asked.items():
            if picked.isdisjoint(keys):
                if winner is not None and any(level.fits(key, facts) for key in keys):
                    winner_words = f"{_key_words(level, taken[0])} of {title(winner, every[winner])}"
                    because = f"shadowed at {level.name} by the more specific {winner_words}"
                else:
                    because = _mismatch(level, keys, facts)
                if level.name == "transport protocol" and isinstance(found, NoChain):
                    because += _strict(every[index], facts)
                yield index, (len(LEVELS) - 1 - depth, because)


def _mismatch(level: Level, keys: tuple[Key, ...], facts: ChainFacts) -> str:
    wanted = ", ".join(_key_words(level, key) for key in keys[:4]) + (" …" if len(keys) > 4 else "")
    return f"asks for {level.name} {wanted}; {level.actual(facts)}"


def _key_words(level: Level, key: Key) -> str:
    text = str(key)
    return f"*{text}" if level.name == "SNI" and text.startswith(".") else text


def _strict(chain: FilterChain, facts: ChainFacts) -> str:
    """What a mesh calls STRICT: only clients with a certificate are served."""
    context = chain.transport_socket.config if chain.transport_socket else None
    mutual = isinstance(context, DownstreamTlsContext) and context.require_client_certificate
    return ": mutual TLS only (STRICT)" if mutual and not facts.connection.tls else ""
