from __future__ import annotations

import pytest

from meshscope.mesh.owners import owner_name, owner_of, owner_text
from meshscope.xds.metadata import Metadata

PATH = "/apis/networking.istio.io/v1/namespaces/shop/virtual-service/web"


def metadata(config: object) -> Metadata:
    return Metadata(filter_metadata={"istio": {"config": config}})


def test_an_owner_is_what_istiod_noted() -> None:
    owner = owner_of(metadata(PATH))
    assert (owner_text(owner), owner_name(owner, "VirtualService")) == ("VirtualService shop/web", "shop/web")
    assert owner_name(owner, "DestinationRule") == ""


@pytest.mark.parametrize("config", ["", "/apis/x", PATH + "/more", 3, {"a": 1}, None])
def test_another_note_names_no_owner(config: object) -> None:
    assert owner_text(owner_of(metadata(config))) is None
    assert owner_name(owner_of(Metadata()), "VirtualService") == ""
