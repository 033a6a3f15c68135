from __future__ import annotations

import pytest
from msgspec import Raw

from meshscope.xds.extension import MODELLED, Extension, Unmodelled, type_name, unpacked
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.tcp_proxy import TcpProxy

TCP = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
HTTP = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def extension(typed_config: str, name: str = "n") -> Extension:
    return Extension(name=name, typed_config=Raw(typed_config.encode()))


def test_the_type_decides_and_the_name_does_not() -> None:
    found = extension(f'{{"@type":"type.googleapis.com/{TCP}","cluster":"c"}}', HTTP)
    assert isinstance(found.config, TcpProxy)
    assert (found.config.cluster, found.type_name) == ("c", TCP)
    assert found.config is found.config


def test_a_type_that_is_not_read_keeps_its_name_and_its_slice() -> None:
    text = '{"@type":"type.googleapis.com/example.v3.Thing","deep":{"a":[1,2]}}'
    assert extension(text).config == Unmodelled("example.v3.Thing", Raw(text.encode()))


@pytest.mark.parametrize("struct", ["udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct"])
def test_a_typed_struct_acts_as_the_type_that_it_wraps(struct: str) -> None:
    wrapped = f'{{"@type":"t/{struct}","type_url":"type.googleapis.com/{TCP}","value":{{"cluster":"c"}}}}'
    config = extension(wrapped).config
    assert isinstance(config, TcpProxy)
    assert config.cluster == "c"
    other = wrapped.replace(TCP, "example.v3.Thing")
    assert extension(other).config == Unmodelled("example.v3.Thing", Raw(b'{"cluster":"c"}'))


def test_a_typed_struct_without_a_value_is_an_empty_message() -> None:
    assert extension(f'{{"@type":"t/xds.type.v3.TypedStruct","type_url":"t/{TCP}"}}').config == TcpProxy()


@pytest.mark.parametrize("text", [f'{{"@type":"t/{TCP}","cluster":3}}', f'{{"@type":"t/{HTTP}","rds":[]}}'])
def test_a_configuration_that_does_not_read_is_a_value_that_says_why(text: str) -> None:
    config = extension(text).config
    assert isinstance(config, Undecodable)
    assert config.why


@pytest.mark.parametrize("text", ["3", "{", '{"@type":3}', "[]", "\xff"])
def test_what_is_no_any_is_of_no_type(text: str) -> None:
    assert unpacked(Raw(text.encode("latin-1")))[0] == ""
    assert isinstance(extension(text).config, Unmodelled)


def test_an_extension_without_configuration_has_no_type() -> None:
    found = decode(b'{"name":"n","config_discovery":{"config_source":{"ads":{}}}}', Extension)
    assert isinstance(found, Extension)
    assert (found.type_name, found.config) == ("", Unmodelled("", Raw()))


def test_type_names_are_what_stands_behind_the_last_slash() -> None:
    assert type_name("type.googleapis.com/a.b.C") == "a.b.C"
    assert type_name("a.b.C") == "a.b.C"
    assert type_name("") == ""


@pytest.mark.parametrize("name", MODELLED)
def test_every_modelled_type_reads_an_empty_message(name: str) -> None:
    config = extension(f'{{"@type":"t/{name}"}}').config
    assert not isinstance(config, (Unmodelled, Undecodable))
    assert type(config).__name__ == MODELLED[name][1]


def test_deep_nesting_is_undecodable() -> None:
    deep = '{"@type":"t/' + HTTP + '","rds":' + '{"config_source":' * 50_000
    assert not isinstance(extension(deep).config, HttpConnectionManager)
