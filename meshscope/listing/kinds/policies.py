"""Policies as ztunnels enforce them: made by istiod of AuthorizationPolicy and PeerAuthentication, for L4 alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from meshscope.istio.debug.ztunnel import Match, TunnelPolicy
from meshscope.listing.column import Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import steps
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.policy_makers import maker_of
from meshscope.work import UNFOLLOWED, Work


class PolicyRow(Row, frozen=True, kw_only=True):
    """`scope` is Global, Namespace or WorkloadSelector, `action` Allow or Deny. `rules` are in words: any rule, all clauses of
    a rule (`and`), any match of a clause (`or`). `workloads` are those that name the policy, as `namespace/name`.
    """

    name: str
    namespace: str
    scope: str
    action: str
    dry_run: bool
    rules: tuple[str, ...]
    workloads: tuple[str, ...]


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[PolicyRow]:
    ztunnels = mesh.network.ztunnels
    workloads = [workload for workload, _ in ztunnels.workloads.values()] if ztunnels else []
    for one, location in steps(tuple(ztunnels.policies.values()) if ztunnels else (), work):
        full = f"{one.namespace}/{one.name}"
        if selection.namespace not in ("", one.namespace):
            continue
        if not fits(selection.name, one.name, full, f"{one.name}.{one.namespace}"):
            continue
        yield PolicyRow(
            name=one.name,
            namespace=one.namespace,
            scope=one.scope,
            action=one.action,
            dry_run=one.dry_run,
            rules=rules_in_words(one),
            workloads=tuple(
                f"{workload.namespace}/{workload.name}"
                for workload in workloads
                if full in workload.authorization_policies
            ),
            owner=maker_of(mesh, one.namespace, one.name),
            location=location,
        )


def rules_in_words(policy: TunnelPolicy) -> tuple[str, ...]:
    """One text a rule. A match without a field never matches, a clause without a match always does."""
    return tuple(_joined(map(_clause, rule), " and ") or "everything" for rule in policy.rules)


def _clause(matches: tuple[Match, ...]) -> str:
    words = [_match(match) for match in matches]
    return f"({' or '.join(words)})" if len(words) > 1 else _joined(words, "") or "everything"


def _match(match: Match) -> str:
    return (
        _joined((f"{field} {_joined(map(_value, values), ', ')}" for field, values in match.items()), " & ")
        or "nothing"
    )


def _value(value: Any) -> str:
    """`{"Exact": "a"}`, `{"Presence": []}`, a range, a port, or `{"namespace": …, "serviceAccount": …}`."""
    if not isinstance(value, dict):
        return str(value)
    if "serviceAccount" in value:
        return f"{value.get('namespace')}/{value['serviceAccount']}"
    ((how, text),) = value.items() if len(value) == 1 else (("", value),)
    return {"Exact": f"{text}", "Prefix": f"{text}*", "Suffix": f"*{text}", "Presence": "any"}.get(how, f"{value}")


def _joined(parts: Iterable[str], between: str) -> str:
    return between.join(parts)


KIND: Kind[PolicyRow] = Kind(
    name="policies",
    filters=("namespace", "name"),
    singular="policy",
    row=PolicyRow,
    rows=rows,
    key=lambda row: row.name,
    aliases=lambda row: (f"{row.name}.{row.namespace}", f"{row.namespace}/{row.name}"),
    full_name=lambda row: f"{row.name}.{row.namespace}",
    is_per_proxy=False,
    columns=(
        Column("NAMESPACE", lambda row: row.namespace),
        Column("NAME", lambda row: row.name),
        Column("ACTION", lambda row: f"{row.action} (dry run)" if row.dry_run else row.action or "-"),
        Column("SCOPE", lambda row: row.scope or "-"),
        Column("RULES", lambda row: row.rules or ("-",)),
        Column("OWNER", lambda row: row.owner, rank=1),
        Column("WORKLOADS", lambda row: row.workloads, wide=True),
    ),
)
