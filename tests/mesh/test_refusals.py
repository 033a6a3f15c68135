from __future__ import annotations

from meshscope.envoy.resource import CLUSTER, LISTENER
from meshscope.mesh.refusals import refusals

from .meshes import ADMIN, dump, listeners, proxy_of, tcp_listener

ERROR = {"failed_configuration": tcp_listener("new", "c"), "details": "no"}


def test_a_refusal_is_told_once_with_its_name_and_place() -> None:
    entries = [{"name": "new", "error_state": ERROR}, {"name": "new", "error_state": ERROR}]
    proxy = proxy_of(dump({"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": entries}))
    (one,) = refusals(proxy, LISTENER)
    assert (one.name, one.is_update, str(one)) == ("new", False, "listener new of dump was refused: no")
    assert one.location.path[-2:] == ("error_state", "failed_configuration")
    assert list(refusals(proxy, CLUSTER)) == []


def test_a_proxy_that_took_everything_refused_nothing() -> None:
    assert list(refusals(proxy_of(dump(listeners(tcp_listener("l", "c")))), LISTENER)) == []
