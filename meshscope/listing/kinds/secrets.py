"""Secrets: their names, and the validity and names of their certificates. Key material is never read."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.resource import ACTIVE, SECRET, WARMING, Resource
from meshscope.listing.column import PROXY, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import RowOfProxy
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import parts, steps
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.certificate import certificate_facts, validity
from meshscope.xds.message import Undecodable
from meshscope.xds.secret import Secret


class SecretRow(RowOfProxy, frozen=True, kw_only=True):
    """`type` is certificate, ca or "". `valid` is judged at the time of capture, null where the time or the certificate
    is unknown. `certificates` counts those of the chain or bundle; the other fields are about the first."""

    name: str
    type: str
    status: str
    serial: str | None = None
    not_after: str | None = None
    not_before: str | None = None
    sans: tuple[str, ...] = ()
    subject: str | None = None
    issuer: str | None = None
    valid: bool | None = None
    certificates: int = 0
    last_updated: str = ""
    error: str | None = None


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[SecretRow]:
    in_effect = selection.in_effect_only and not selection.status
    for proxy, share in parts(selection.proxies(mesh), work):
        for resource in steps(proxy.resources(SECRET, in_effect=False), share):
            if in_effect and not (resource.in_effect or resource.state == WARMING):
                continue
            if selection.has_state(resource.state) and fits(selection.name, resource.name):
                row = _row(proxy, resource, selection.at or proxy.account.captured_at)
                if selection.status.upper() in ("", row.status):
                    yield row


def _row(proxy: Proxy, resource: Resource, at: str) -> SecretRow:
    body = proxy.read(resource, Secret)
    secret = Secret() if isinstance(body, Undecodable) else body
    text = secret.public_certificates()
    facts = certificate_facts(text) if text else ()
    unreadable = facts if isinstance(facts, str) else None
    first = facts[0] if facts and not isinstance(facts, str) else None
    return SecretRow(
        proxy=proxy.name,
        name=resource.name,
        type=secret.type,
        status=ACTIVE.upper() if resource.in_effect else resource.state.upper(),
        serial=first.serial if first else None,
        not_after=first.not_after if first else None,
        not_before=first.not_before if first else None,
        sans=first.sans if first else (),
        subject=first.subject if first else None,
        issuer=first.issuer if first else None,
        valid=validity(first, at) == "valid" if first and at else None,
        certificates=0 if isinstance(facts, str) else len(facts),
        last_updated=resource.last_updated,
        error=(body.why if isinstance(body, Undecodable) else unreadable)
        or (resource.error.details if resource.error else None),
        state=resource.state,
        location=resource.location,
    )


_TYPES = {"certificate": "Cert Chain", "ca": "CA"}

KIND: Kind[SecretRow] = Kind(
    name="secrets",
    filters=("proxy", "namespace", "labels", "name", "status", "state"),
    singular="secret",
    row=SecretRow,
    resource=SECRET,
    rows=rows,
    key=lambda row: row.name,
    columns=(
        PROXY,
        Column("RESOURCE NAME", lambda row: row.name),
        Column("TYPE", lambda row: _TYPES.get(row.type, row.type)),
        Column("STATUS", lambda row: row.status),
        Column("VALID CERT", lambda row: "-" if row.valid is None else str(row.valid).lower(), rank=1),
        Column("NOT AFTER", lambda row: row.not_after),
        Column("NOT BEFORE", lambda row: row.not_before, rank=3),
        Column("SERIAL NUMBER", lambda row: row.serial, rank=2),
        Column("SANS", lambda row: row.sans, rank=1),
        Column("ERROR", lambda row: row.error, wide=True),
        Column("SUBJECT", lambda row: row.subject, wide=True),
        Column("ISSUER", lambda row: row.issuer, wide=True),
    ),
)
