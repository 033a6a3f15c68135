from __future__ import annotations

from meshscope.effect.effects import KINDS
from meshscope.mesh.mesh import Mesh

from ...effect.recorded import mesh
from ...mesh.meshes import bootstrap, clusters, dump, mesh_of, recorded, static
from ..driving import LARGE, Driven, drive

GATEWAYS = mesh("gateways")


async def ask(browser: Driven) -> None:
    await browser.type(":effect")
    await browser.press("enter")


def test_all_objects_the_worst_first_and_enter_opens_one() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser)
        assert browser.page == "EffectsScreen"
        states = [line[2:].split("  ")[0] for line in browser.lines[2:22]]
        assert states == ["✗ not in effect"] * 3 + ["▲ partly"] + ["✓ in effect"] * 16
        assert "20 objects  ✗ 3 not in effect · ▲ 1 partly · ✓ 16 in effect" in browser.text
        await browser.press("j", "enter")
        assert "effect VirtualService default/partner2" in browser.lines[0]
        await browser.press("escape")
        assert "default/partner2" in browser.line("▸")

    drive(GATEWAYS, walk, size=LARGE)


def test_the_reason_is_whole_below_a_narrow_table() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser)
        assert "http[4]: delegate shop/not-there does not exist" in browser.text

    drive(GATEWAYS, walk)


def test_the_namespace_narrows_the_list_and_its_line() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser)
        await browser.type(":ns shop")
        await browser.press("enter")
        assert "default/api" not in browser.text
        assert "shop/cart" in browser.text
        await browser.press("Q")
        assert browser.app.last_line == "meshscope effect -n shop --from demo"  # type: ignore[attr-defined]

    drive(GATEWAYS, walk, size=LARGE)


def test_a_mesh_without_such_objects_says_what_to_add() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser)
        assert "no object in this input whose effect is known" in browser.text
        assert "--from manifests/" in browser.text
        assert all(kind in browser.text for kind in KINDS)
        await browser.press("enter", "w", "j")
        assert browser.page == "EffectsScreen"

    drive(_without_manifests(), walk)


def test_the_bundled_recording_is_in_effect() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser)
        assert "8 objects  ✓ 8 in effect" in browser.text

    drive(recorded("bookinfo"), walk)


def _without_manifests() -> Mesh:
    return mesh_of(dump(bootstrap(), clusters(static("c", "10.0.0.9:80"))))
