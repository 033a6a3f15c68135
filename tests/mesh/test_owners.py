from __future__ import annotations

import pytest

from meshscope.mesh.owners import named, owner_of, written
from meshscope.xds.metadata import Metadata

PATH = "/apis/networking.istio.io/v1/namespaces/shop/virtual-service/web"


def metadata(config: object) -> Metadata:
    return Metadata(filter_metadata={"istio": {"config": config}})


def test_an_owner_is_what_istiod_noted() -> None:
    owner = owner_of(metadata(PATH))
    assert (written(owner), named(owner, "VirtualService")) == ("VirtualService shop/web", "shop/web")
    assert named(owner, "DestinationRule") == ""


@pytest.mark.parametrize("config", ["", "/apis/x", PATH + "/more", 3, {"a": 1}, None])
def test_another_note_names_no_owner(config: object) -> None:
    assert written(owner_of(metadata(config))) is None
    assert named(owner_of(Metadata()), "VirtualService") == ""
