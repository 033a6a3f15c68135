"""Where an object with a selector applies, and what is said of all its rules where it does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import PolicyChain, Unread
from meshscope.effect.policies.selection import Attached, selection
from meshscope.path import Path

_MODELLED = ("sidecar", "gateway")


def everywhere(paths: Iterable[Path], state: State, because: str, *, is_meant: bool = True) -> Iterator[Outcome]:
    """The same of every rule."""
    for path in paths:
        yield Outcome(path, state, because, is_meant=is_meant)


def left_out(
    configuration: Configuration, namespace: str, spec: Attached, client: Client, paths: Iterable[Path]
) -> tuple[Outcome, ...]:
    """Why an object in `namespace` does not apply to the proxy, for each of its rules; () where it does."""
    if client.kind not in _MODELLED:
        return tuple(everywhere(paths, State.UNKNOWN, f"policies at a {client.kind} are not modelled"))
    found = selection(configuration, namespace, spec, client)
    if found.is_selected:
        return ()
    is_unknown = found.is_selected is None
    state = State.UNKNOWN if is_unknown else State.NOT_IN_EFFECT
    return tuple(everywhere(paths, state, found.because, is_meant=is_unknown))


def readable(chains: Iterable[PolicyChain | Unread]) -> tuple[list[PolicyChain], list[str]]:
    """The chains, and what is said of those that do not read."""
    found = list(chains)
    return (
        [one for one in found if isinstance(one, PolicyChain)],
        [one.because for one in found if isinstance(one, Unread)],
    )
