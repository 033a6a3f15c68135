from __future__ import annotations

import json

from meshscope.xds.message import decode
from meshscope.xds.tls import CommonTlsContext, QuicDownstreamTransport


def context(value: object) -> CommonTlsContext:
    found = decode(json.dumps(value).encode(), CommonTlsContext)
    assert isinstance(found, CommonTlsContext)
    return found


def test_every_secret_that_sds_has_to_deliver_is_listed_with_its_place() -> None:
    combined = {"default_validation_context": {}, "validation_context_sds_secret_config": {"name": "ROOTCA"}}
    found = context(
        {
            "tls_certificate_sds_secret_configs": [{"name": "one"}, {"name": "two"}],
            "validation_context_sds_secret_config": {"name": "root"},
            "combined_validation_context": combined,
        }
    )
    assert found.secret_references() == (
        (("tls_certificate_sds_secret_configs", 0), "one"),
        (("tls_certificate_sds_secret_configs", 1), "two"),
        (("validation_context_sds_secret_config",), "root"),
        (("combined_validation_context", "validation_context_sds_secret_config"), "ROOTCA"),
    )


def test_files_and_inline_certificates_refer_to_no_secret() -> None:
    files = {"tls_certificates": [{"certificate_chain": {"filename": "/x"}}], "validation_context": {"trusted_ca": {}}}
    assert context(files).secret_references() == ()
    assert context({"tls_certificate_sds_secret_configs": [{"sds_config": {}}]}).secret_references() == ()
    assert context({"combined_validation_context": {}}).secret_references() == ()


def test_quic_wraps_the_same_context() -> None:
    text = (
        b'{"downstream_tls_context":{"common_tls_context":{"alpn_protocols":["h3"]},"require_client_certificate":true}}'
    )
    found = decode(text, QuicDownstreamTransport)
    assert isinstance(found, QuicDownstreamTransport)
    assert found.downstream_tls_context.common_tls_context.alpn_protocols == ("h3",)
    assert found.downstream_tls_context.require_client_certificate
