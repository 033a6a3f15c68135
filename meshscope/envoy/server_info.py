"""Envoy's `/server_info`: its build, state and node.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/server_info.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.location import Location
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.message import Message, Undecodable, decode, present
from meshscope.xds.node import Node, semantic_version


class ServerInfo(Message, frozen=True):
    """`build` is `SHA/VERSION/STATUS/TYPE/SSL`; `uptime` is Envoy's duration (`203s`).

    `state` is LIVE, DRAINING, PRE_INITIALIZING or INITIALIZING. `node` is None where the answer has none.
    """

    build: str = ""
    state: str = ""
    uptime: str = ""
    node: Node | None = None

    @property
    def version(self) -> str:
        """`1.36.4`, also `1.29.3-dev`; "" without a version."""
        return semantic_version(self.build)


class _Answer(Message, frozen=True):
    version: str = ""
    state: str = ""
    uptime_current_epoch: str = ""
    node: Raw = Raw()


def server_info(value: Raw, location: Location) -> tuple[ServerInfo, tuple[Problem, ...]]:
    """The answer, and its problems; fields that cannot be read are empty."""
    answer = decode(value, _Answer)
    if isinstance(answer, Undecodable):
        return ServerInfo(), (Problem(location.document.name, f"/server_info: {answer.why}"),)
    node = decode(answer.node, Node) if present(answer.node) else None
    problems: tuple[Problem, ...] = ()
    if isinstance(node, Undecodable):
        problems = (Problem(location.document.name, f"/server_info: node: {node.why}"),)
        node = None
    info = ServerInfo(build=answer.version, state=answer.state, uptime=answer.uptime_current_epoch, node=node)
    return info, problems
