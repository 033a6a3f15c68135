"""Why a proxy lacks what istiod sends: it waits, it refused or did not acknowledge it, or an EnvoyFilter changed it."""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.patches.selection import patching
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES

_TYPES = {ROUTES: "rds", LISTENER: "lds", CLUSTER: "cds"}


def delivered(configuration: Configuration, client: Client, outcome: Outcome) -> Outcome:
    """The outcome; what is missing or different has the reason of its delivery in front, where that is known."""
    if outcome.state not in (State.NOT_IN_EFFECT, State.PARTLY) or not outcome.is_meant or not outcome.kind:
        return outcome
    not_taken = client.not_taken(outcome.kind)
    if outcome.name in not_taken.warming:
        waiting = f"{outcome.kind} {outcome.name} is warming"
        why = "the proxy waits for something that it names, such as a secret"
        return replace(outcome, because=f"{waiting}: {why}; {outcome.because}")
    if refusal := not_taken.refused.get(outcome.name):
        return replace(outcome, because=f"the proxy refused the update: {refusal}; {outcome.because}")
    synced = configuration.mesh.synced.get((client.proxy.id.namespace, client.proxy.id.name))
    state = getattr(synced.sync, _TYPES[outcome.kind]) if synced else ""
    if state in ("stale", "error"):
        return replace(outcome, because=f"the proxy has not acknowledged what istiod sent ({state}): {outcome.because}")
    if outcome.differences and (filters := tuple(patching(configuration, client, outcome.kind))):
        return replace(outcome, because=f"{outcome.because} ({', '.join(filters)} may have changed it)")
    return outcome
