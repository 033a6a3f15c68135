"""Envoy's `/stats`, as JSON or text: counters, gauges and text readouts by name. Histograms are left out.

https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--stats?format=json
"""

from __future__ import annotations

import re
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


def stats_text(body: bytes) -> Mapping[str, int | str]:
    """The same of the text form, `NAME: VALUE` a line; a readout stands in quotes."""
    lines = re.findall(r'(?m)^(\S+): (?:(\d+)|"(.*)")\r?$', body.decode("utf-8", "replace"))
    return MappingProxyType({name: int(number) if number else text for name, number, text in lines})
