"""Envoy's `/stats?format=json`: counters, gauges and text readouts by name. Histograms are left out.

https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--stats?format=json
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Raw

from meshscope.location import Location
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.message import Message, Undecodable, decode


class _Stat(Message, frozen=True):
    name: str = ""
    value: int | str | None = None


class _Answer(Message, frozen=True):
    stats: tuple[Raw, ...] = ()


def stats(value: Raw, location: Location) -> tuple[Mapping[str, int | str], tuple[Problem, ...]]:
    """Values by name, text for readouts (`cluster_manager.cds.version_text`); entries of another shape are skipped."""
    answer = decode(value, _Answer)
    if isinstance(answer, Undecodable):
        return MappingProxyType({}), (Problem(location.document.name, f"/stats: {answer.why}"),)
    values = {}
    for raw in answer.stats:
        stat = decode(raw, _Stat)
        if isinstance(stat, _Stat) and stat.name and stat.value is not None:
            values[stat.name] = stat.value
    return MappingProxyType(values), ()
