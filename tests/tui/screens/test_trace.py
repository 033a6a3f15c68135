"""The trace screen by its keys, at the sizes of a small and of a large terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from meshscope.tui.screens.trace_page import PAUSE
from meshscope.tui.widgets.virtual_text import VirtualText

from ...mesh.meshes import recorded, table
from ..driving import LARGE, SMALL, Driven, Walk, drive
from ..rbac import guarded


async def trace(browser: Driven, line: str) -> None:
    await browser.press("colon")
    await browser.type(f"trace {line}".rstrip())
    await browser.press("enter")


def pointed(browser: Driven) -> str:
    """The row at the cursor; the question has its glyph too."""
    (only,) = (line for line in browser.lines if line.startswith("▸"))
    return only[1:].strip()


async def pause(browser: Driven) -> None:
    await asyncio.sleep(2 * PAUSE)
    await browser.settle()


def walk(steps: Walk, size: tuple[int, int] = SMALL) -> None:
    drive(recorded("bookinfo"), steps, size=size)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_canary_split_and_why_are_on_the_first_screen(size: tuple[int, int]) -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        assert browser.page == "TraceScreen"
        assert "90 %  ✓ delivered  to reviews-v1" in browser.text
        assert "10 %  ✓ delivered  to reviews-v3" in browser.text
        assert "✓ route  1 canary" in browser.text
        assert "weight 90 of 100" in browser.text
        assert "VirtualService default/reviews" in browser.text

    walk(steps, size)


def test_t_on_a_proxy_follows_a_request_to_it_and_escape_goes_back() -> None:
    async def steps(browser: Driven) -> None:
        await browser.press("j", "j", "t")
        assert browser.page == "TraceScreen"
        assert "✓ delivered to productpage-v1" in browser.text
        await browser.press("escape")
        assert browser.page == "HomeScreen"

    walk(steps)


def test_t_on_a_row_of_a_table_follows_its_request() -> None:
    async def steps(browser: Driven) -> None:
        await browser.press("colon")
        await browser.type("services")
        await browser.press("enter", "t")
        assert browser.page == "TraceScreen"

    walk(steps)


@pytest.mark.parametrize(
    ("line", "keys", "answer"),
    [
        ("scope productpage", ("l", "l", "slash", *"reviews", "enter"), "reviews"),
        ("find reviews", ("enter",), "reviews"),
        ("vs", ("G", "k", "enter"), "reviews"),
        ("vs", ("G", "k"), "reviews"),
        ("effect", (), "http"),
        ("effect vs/reviews", (), "reviews"),
        ("filterchains productpage", ("G",), "delivered"),
    ],
)
def test_t_follows_a_request_from_wherever_one_is(line: str, keys: tuple[str, ...], answer: str) -> None:
    async def steps(browser: Driven) -> None:
        await browser.press("colon")
        await browser.type(line)
        await browser.press("enter")
        await browser.press(*keys)
        await browser.press("t")
        assert browser.page == "TraceScreen", browser.text
        assert answer in browser.text

    walk(steps)


def test_t_on_a_row_without_a_request_says_why_not() -> None:
    async def steps(browser: Driven) -> None:
        await browser.press("colon")
        await browser.type("secrets")
        await browser.press("enter", "t")
        assert browser.page == "ListScreen"
        assert "nothing in this secret" in browser.text

    walk(steps)


def test_the_answer_changes_as_the_request_is_typed() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("e")
        await browser.press(*" -H 'end-user: jason'")
        await pause(browser)
        assert "✓ delivered to reviews-v2" in browser.text
        assert "✓ route  0 jason" in browser.text

    walk(steps)


@pytest.mark.parametrize(("typed", "message"), [(" -Z", "no option -Z"), ("nothing", "reviewsnothing")])
def test_a_request_that_cannot_be_followed_is_said_and_the_last_answer_stays(typed: str, message: str) -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews" if typed.startswith(" ") else "productpage http://reviews")
        before = browser.line("outbound  ") if "outbound  " in browser.text else ""
        await browser.press("e", *typed)
        await pause(browser)
        assert message in browser.text
        assert before in browser.text

    walk(steps)


def test_w_shows_all_steps_and_the_few_words_again() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        assert "listener filter" not in browser.text
        await browser.press("w")
        assert "listener filter" in browser.text
        await browser.press("w")
        assert "listener filter" not in browser.text

    walk(steps, LARGE)


def test_braces_go_between_hops_and_round() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage details")
        await browser.press("right_curly_bracket")
        assert pointed(browser).startswith("2 details")
        await browser.press("right_curly_bracket")
        assert pointed(browser).startswith("1 productpage")
        await browser.press("left_curly_bracket")
        assert pointed(browser).startswith("2 details")

    walk(steps)


def test_n_goes_to_failures_and_says_where_there_are_none() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "istio-ingressgateway http://bookinfo.example.com/nothing")
        assert pointed(browser).startswith("has       path")
        await browser.press("g", "n")
        assert pointed(browser).startswith("has       path")
        await browser.press("G", "N")
        assert pointed(browser).startswith("has       path")
        await browser.press("escape")
        await trace(browser, "productpage reviews")
        await browser.press("n")
        assert "nothing fails" in browser.text

    walk(steps)


def test_the_why_follows_the_cursor() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("right_curly_bracket")
        assert "✓ capture          10.20.0.21:9080" in browser.text

    walk(steps, LARGE)


def test_enter_opens_the_owner_and_escape_is_back_on_the_line() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        before = pointed(browser)
        await browser.press("enter")
        assert browser.page == "ObjectScreen"
        assert "virtualservice reviews.default" in browser.text
        await browser.press("escape")
        assert pointed(browser) == before

    walk(steps)


def test_tab_goes_through_the_panes_and_backslash_gives_one_the_screen() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("tab", "backslash")
        assert "weight 90 of 100" in browser.text
        assert "delivered on each" not in browser.text
        await browser.press("backslash", "tab", "tab", "backslash")
        assert "delivered on each" in browser.text
        assert "weight 90 of 100" not in browser.text

    walk(steps)


def test_c_copies_the_command_that_asks_the_same() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("c")
        assert browser.app.clipboard == "meshscope trace --from demo productpage reviews"
        assert "copied this line" in browser.text
        assert "meshscope trace --from demo" in browser.text

    walk(steps, LARGE)


def test_without_a_request_examples_are_shown_and_the_line_has_the_keys() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "")
        assert "Type who sends and where to" in browser.text
        await browser.press(*"productpage reviews")
        await pause(browser)
        assert "delivered on each of 2 ways" in browser.text
        await browser.press("escape", "escape")
        assert browser.page == "HomeScreen"

    walk(steps)


def test_a_resize_keeps_the_line_and_sets_the_panes_beside_each_other_where_there_is_room() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("right_curly_bracket")
        before = pointed(browser).partition("  ")[0]
        await browser.resize(*LARGE)
        assert "│" in next(line for line in browser.lines if line.startswith("▸"))
        assert pointed(browser).startswith(before)
        await browser.resize(*SMALL)
        assert pointed(browser).startswith(before)

    walk(steps)


def test_a_command_that_is_no_request_is_said_under_the_command_line() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "a b c")
        assert browser.page == "HomeScreen"
        assert "not 3 words" in browser.text

    walk(steps)


def test_a_first_request_that_fails_is_mended_in_its_line() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpag reviews")
        assert "productpag" in browser.lines[-2]
        await browser.press(*["left"] * len(" reviews"), "e")
        await pause(browser)
        assert "delivered on each of 2 ways" in browser.text

    walk(steps)


def test_x_opens_envoys_object_with_its_manifest_beside() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("x")
        assert browser.page == "ObjectScreen"
        assert browser.lines[0].startswith(" meshscope  route 9080/")
        assert "VirtualService default/reviews · " in browser.text
        assert "kind: VirtualService" in browser.text

    walk(steps, LARGE)


def test_x_on_a_loser_opens_its_rule_in_the_manifest() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("g")
        for _ in range(20):
            if "jason" not in pointed(browser):
                await browser.press("j")
        await browser.press("x")
        assert browser.lines[0].startswith(" meshscope  route 9080/reviews.default.svc.cluster.local:9080/0")
        pane = browser.app.screen.query_one("#beside", VirtualText)
        assert "VirtualService default/reviews · spec.http[0] · " in browser.text
        assert "name: jason" in pane._lines[pane.current]

    walk(steps, LARGE)


def test_y_shows_the_objects_then_the_changes_then_why() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("y")
        assert "virtualservice  reviews.default" in browser.text
        await browser.press("y")
        assert "x-envoy-attempt-count" in browser.text
        await browser.press("y")
        assert "weight 90 of 100" in browser.text

    walk(steps, LARGE)


def test_space_folds_a_branch_and_the_fold_stays_while_the_request_changes() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("left_curly_bracket", "left_curly_bracket", "left_curly_bracket")
        while not pointed(browser).startswith("1 productpage"):
            await browser.press("right_curly_bracket")
        await browser.press("space")
        assert "folded" in browser.text
        await browser.press("e", *"/x")
        await pause(browser)
        assert "folded" in browser.text
        await browser.press("escape", "space")
        assert "folded" not in browser.text
        await browser.press("G", "space")
        assert "nothing is below this line" in browser.text

    walk(steps, LARGE)


def test_s_saves_a_request_and_opens_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("s", *"mine", "enter")
        assert "saved as mine" in browser.text
        await browser.press("escape")
        await trace(browser, "productpage details")
        await browser.press("s")
        assert "productpage reviews" in browser.line("mine")
        await browser.press("enter")
        await pause(browser)
        assert "delivered on each of 2 ways" in browser.text

    walk(steps, LARGE)


def test_a_state_file_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "meshscope" / "requests.jsonl").mkdir(parents=True)

    async def steps(browser: Driven) -> None:
        await trace(browser, "productpage reviews")
        await browser.press("s")
        assert "Is a directory" in browser.text

    walk(steps, LARGE)


@pytest.mark.parametrize(("down", "rule"), [(0, 1), (3, 0)], ids=["the nearest policy", "another one that lost"])
def test_x_on_a_denial_opens_the_rule_that_decides_beside_envoys_policy(down: int, rule: int) -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "gate.shop http://a.example/b")
        await browser.press(*["j"] * down, "x")
        assert browser.lines[0].startswith(" meshscope  listener gate")
        assert "decided by  AuthorizationPolicy shop/guard" in browser.text
        assert f"AuthorizationPolicy shop/guard · spec.rules[{rule}] · " in browser.text
        pane, text = (browser.app.screen.query_one(name, VirtualText) for name in ("#beside", "#text"))
        assert pane._lines[pane.current].strip() == "- to:"
        assert ("paths:", "ports:")[rule] in pane._lines[pane.current + 2]
        assert text._lines[text.current].strip() == f"ns[shop]-policy[guard]-rule[{rule}]:"
        await browser.press("o")
        assert browser.lines[0].startswith(" meshscope  authorizationpolicy guard.shop")

    drive(guarded(), steps, size=LARGE)


def test_x_on_a_denial_names_the_policy_whose_manifest_is_not_there() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "gate.shop http://a.example/b")
        await browser.press("x")
        assert "AuthorizationPolicy shop/guard decides, and its manifest is not in this input" in browser.text

    drive(guarded(with_manifest=False), steps, size=LARGE)


def test_enter_on_a_denial_opens_the_manifest_at_its_rule() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "gate.shop http://a.example/b")
        await browser.press("enter")
        assert browser.lines[0].startswith(" meshscope  authorizationpolicy guard.shop")
        text = browser.app.screen.query_one("#text", VirtualText)
        assert "ports:" in text._lines[text.current + 2]

    drive(guarded(), steps)


def test_y_says_of_each_step_what_it_changes_in_the_request() -> None:
    async def steps(browser: Driven) -> None:
        await trace(browser, "gate.shop http://a.example/a -H 'x-envoy-max-retries: 2'")
        await browser.press("y", "y")
        assert "changed   :path  /a  →  /newa" in browser.text
        assert "removed   x-envoy-max-retries  2" in browser.text
        assert "added     x-forwarded-proto  http" in browser.text

    drive(guarded(table("t", cluster="shop", prefix_rewrite="/new")), steps, size=LARGE)
