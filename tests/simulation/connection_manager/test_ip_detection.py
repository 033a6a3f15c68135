"""Where Envoy 1.40 found the client by `original_ip_detection_extensions`."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection
from meshscope.simulation.connection_manager.ip_detection import Detected, detect
from meshscope.xds.extension import Extension

from ..reading import asking, read

PEER = Connection(source_ip="127.0.0.1")


def extension(kind: str, **config: Any) -> Extension:
    url = f"type.googleapis.com/envoy.extensions.http.original_ip_detection.{kind}"
    return read(Extension, {"name": "x", "typed_config": {"@type": url, **config}})


def xff(**config: Any) -> Extension:
    return extension("xff.v3.XffConfig", **config)


def custom(name: str = "x-ip", **config: Any) -> Extension:
    return extension("custom_header.v3.CustomHeaderConfig", header_name=name, **config)


def trusting(*prefixes: str, **config: Any) -> Extension:
    cidrs = [{"address_prefix": prefix, "prefix_len": 8} for prefix in prefixes]
    return xff(xff_trusted_cidrs={"cidrs": cidrs}, **config)


def found(*extensions: Extension, forwarded: str | None = None, header: str | None = None) -> Detected:
    headers = (("x-ip", header),) if header is not None else ()
    return detect(extensions, forwarded, PEER, asking("/", *headers))


BOTH = ("127.0.0.0", "9.0.0.0")


@pytest.mark.parametrize(
    ("forwarded", "ip", "may_be_internal"),
    [
        ("10.1.1.1", "10.1.1.1", True),
        ("10.1.1.1, 9.9.9.9", "10.1.1.1", False),
        ("8.8.8.8,10.1.1.1, 9.9.9.9", "10.1.1.1", False),
        ("9.1.1.1, 9.9.9.9", "9.1.1.1", False),
        ("9.9.9.9", "9.9.9.9", True),
        ("10.1.1.1, bad", None, False),
        ("10.1.1.1,bad,9.9.9.9", None, False),
        ("", None, False),
        (None, None, False),
    ],
)
def test_the_client_is_the_last_address_that_is_not_trusted(
    forwarded: str | None, ip: str | None, may_be_internal: bool
) -> None:
    assert found(trusting(*BOTH), forwarded=forwarded) == Detected(ip, may_be_internal)


def test_a_peer_that_is_not_trusted_is_the_client_and_is_appended() -> None:
    assert found(trusting("9.0.0.0"), forwarded="10.1.1.1") == Detected(None, appends=True)
    assert found(trusting(*BOTH, skip_xff_append=False), forwarded="10.1.1.1").appends


def test_whether_an_unknown_peer_is_trusted_is_an_assumption() -> None:
    assert detect((trusting(*BOTH),), "10.1.1.1", Connection(), asking()).assuming


@pytest.mark.parametrize(("skip", "appends"), [({}, False), ({"skip_xff_append": False}, True)])
def test_hops_are_counted_from_the_end(skip: dict[str, Any], appends: bool) -> None:
    one = xff(xff_num_trusted_hops=1, **skip)
    assert found(one, forwarded="10.1.1.1, 8.8.8.8") == Detected("10.1.1.1", appends=appends)
    assert found(one, forwarded="10.1.1.1") == Detected(None, appends=appends)
    assert found(xff(**skip), forwarded="10.1.1.1") == Detected("10.1.1.1", True, appends)


@pytest.mark.parametrize(
    ("value", "ip"),
    [
        ("10.1.1.1", "10.1.1.1"),
        ("fd00::1", "fd00::1"),
        ("bad", None),
        ("10.1.1.1:80", None),
        ("[fd00::1]", None),
        (None, None),
    ],
)
def test_a_header_holds_an_address_or_nothing(value: str | None, ip: str | None) -> None:
    assert found(custom(), header=value) == Detected(ip)
    trusted = found(custom(allow_extension_to_set_address_as_trusted=True), header=value)
    assert trusted == Detected(ip, may_be_internal=ip is not None)


@pytest.mark.parametrize(
    ("code", "refused"), [("Forbidden", 403), ("ServiceUnavailable", 503), (429, 429), ("OK", 403), ("", 403)]
)
def test_a_request_without_the_header_may_be_refused(code: str | int, refused: int) -> None:
    refusing = custom(reject_with_status={"code": code})
    assert found(refusing).refused == refused
    assert found(refusing, header="10.1.1.1").refused == 0


def test_the_first_extension_that_finds_an_address_counts() -> None:
    assert found(custom(), xff(), forwarded="10.1.1.1") == Detected("10.1.1.1", True)
    assert found(custom(), xff(), forwarded="10.1.1.1", header="10.2.2.2") == Detected("10.2.2.2")
    refusing = custom(reject_with_status={"code": "Forbidden"})
    assert found(xff(xff_num_trusted_hops=1), refusing, forwarded="10.1.1.1").refused == 403


def test_another_extension_is_an_assumption_unless_one_before_it_decides() -> None:
    assert found(extension("other.v3.Config")).assuming
    assert not found(custom(), extension("other.v3.Config"), header="10.1.1.1").assuming
