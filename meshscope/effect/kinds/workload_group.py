"""WorkloadGroup: the WorkloadEntries of the machines that registered by it.

https://istio.io/latest/docs/reference/config/networking/workload-group/
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.kinds import workload_entry
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.objects.workload_entry import WorkloadEntry
from meshscope.istio.objects.workload_group import WorkloadGroup
from meshscope.path import Path

GROUP = "istio.io/autoRegistrationGroup"
"""The annotation that istiod gives to an entry which it made."""


def rules(_value: WorkloadGroup) -> Iterator[Path]:
    """It is one rule."""
    yield workload_entry.WHOLE


def outcomes(configuration: Configuration, one: Written[WorkloadGroup], client: Client) -> Iterator[Outcome]:
    """Of each machine, whether it is an endpoint."""
    machines = [
        entry
        for entry in configuration.typed("WorkloadEntry", WorkloadEntry)
        if entry.namespace == one.namespace and entry.item.annotations.get(GROUP) == one.item.name
    ]
    if not machines:
        because = f"no machine has registered: no WorkloadEntry of {one.namespace} has {GROUP}: {one.item.name}"
        yield Outcome(workload_entry.WHOLE, State.NOT_IN_EFFECT, because)
    for machine in machines:
        for outcome in workload_entry.outcomes(configuration, machine, client):
            yield replace(outcome, because=f"{machine.item.name}: {outcome.because}")
