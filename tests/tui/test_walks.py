"""Walks of somebody who never read a manual, through the real program in a real terminal: few keys to the reason."""

from __future__ import annotations

from pathlib import Path

from meshscope.snapshot.recording import write_recording

from ..recordings import BOOKINFO
from .sick import SICK, WHY, sick
from .terminal import Terminal, needs_tmux

MOST_KEYS = 10


@needs_tmux
def test_from_the_start_to_the_reason_of_the_canary_split_within_ten_keys(tmp_path: Path) -> None:
    to_productpage, to_the_route = ("j", "j"), ("G", "k", "k", "k", "k")
    keys = (*to_productpage, "3", *to_the_route, "t")
    assert len(keys) <= MOST_KEYS
    with Terminal("ui", "--from", str(BOOKINFO), home=tmp_path) as terminal:
        terminal.wait_for("9 proxies")
        terminal.press(*to_productpage)
        terminal.press("3")
        terminal.wait_for("23 routes")
        terminal.press(*to_the_route, "t")
        terminal.wait_for("VirtualService default/reviews", "90 %", "10 %", "reviews-v1", "reviews-v3", "canary")


@needs_tmux
def test_from_a_recording_with_a_refused_listener_to_its_error_and_its_owner(tmp_path: Path) -> None:
    write_recording(sick().snapshot, tmp_path / "sick")
    with Terminal("ui", "--from", str(tmp_path / "sick"), home=tmp_path) as terminal:
        terminal.wait_for(WHY, SICK, "Gateway shop/front")  # without a key
        terminal.press("o")
        terminal.wait_for("kind: Gateway")


@needs_tmux
def test_what_is_copied_reaches_the_terminal_and_q_leaves_it_as_it_was(tmp_path: Path) -> None:
    with Terminal("ui", "--from", str(BOOKINFO), home=tmp_path) as terminal:
        terminal.wait_for("9 proxies")
        terminal.press("j", "j", "c")
        terminal.wait_for("copied")
        assert terminal.copied == "productpage-v1-12eae82901-8b536.default"
        terminal.press("q")
        assert "9 proxies" not in terminal.wait_for("left with 0")
