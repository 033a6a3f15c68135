from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from meshscope.tui.text.folds import Folds, block_end, depths_of, parent, sibling
from meshscope.tui.text.yaml_lines import yaml_lines

VALUES = st.recursive(
    st.integers() | st.text("ab-: ", max_size=4) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab@. ", max_size=3), inner, max_size=3),
    max_leaves=12,
)
YAML = yaml_lines({"spec": {"http": [{"match": [{"uri": "/"}], "route": 1}, {"name": "x"}], "hosts": ["a"]}, "z": 1})


def test_depths_of_yaml_and_json() -> None:
    assert list(zip(YAML, depths_of(YAML), strict=True)) == [
        ("spec:", 0),
        ("  http:", 1),
        ("  - match:", 2),
        ("    - uri: /", 4),
        ("    route: 1", 3),
        ("  - name: x", 2),
        ("  hosts:", 1),
        ("  - a", 2),
        ("z: 1", 0),
    ]
    lines = ["{", '  "a": {', '    "b": 1', "  },", '  "c": []', "}"]
    assert list(depths_of(lines)) == [0, 0, 1, 1, 0, 0]
    assert depths_of([]) == b""
    assert depths_of(["a:", "", "  b"]) == bytes([0, 0, 1])


def test_blocks_parents_and_siblings() -> None:
    depths = depths_of(YAML)
    assert block_end(depths, 0) == 8
    assert block_end(depths, 2) == 5
    assert block_end(depths, 8) == 9
    assert [parent(depths, line) for line in (0, 1, 3, 4, 7)] == [None, 0, 2, 2, 6]
    assert sibling(YAML, depths, 2, forward=True) == 5
    assert sibling(YAML, depths, 5, forward=True) is None
    assert sibling(YAML, depths, 5, forward=False) == 2
    assert sibling(YAML, depths, 2, forward=False) is None
    lines = ["{", '  "a": [', "    1", "  ]", "}"]
    assert sibling(lines, depths_of(lines), 2, forward=True) is None


@given(VALUES, st.lists(st.integers(0, 40), max_size=8), st.integers(0, 6), st.booleans())
def test_rows_are_the_lines_that_no_fold_hides(value: object, toggles: list[int], levels: int, as_json: bool) -> None:
    lines = json.dumps(value, indent=2).split("\n") if as_json else yaml_lines(value)
    folds = Folds.none(depths_of(lines), len(lines))
    if levels:
        folds = folds.to_depth(levels)
    hidden = {line for line, depth in enumerate(folds.depths) if levels and depth >= levels}
    for line in toggles:
        seen = [each for each in range(len(lines)) if each not in hidden]
        head = seen[line % len(seen)]
        folds, moved = folds.toggled(head)
        if moved + 1 in hidden and moved == head:  # it opens what its own fold hid
            stop = next(each for each in range(moved + 1, len(lines) + 1) if each not in hidden)
            hidden -= set(range(moved + 1, stop))
        else:
            hidden |= set(range(moved + 1, block_end(folds.depths, moved))) if folds.hidden_after(moved) else set()
        seen = [each for each in range(len(lines)) if each not in hidden]
        assert [folds.line_at(row) for row in range(folds.row_count)] == seen
        assert [folds.row_of(each) for each in seen] == list(range(len(seen)))
        for each in hidden:
            assert folds.line_at(folds.row_of(each)) < each
            opened = folds.opened_at(each)
            assert opened.line_at(opened.row_of(each)) == each
    assert all(folds.opened_at(line) is folds for line in range(len(lines)) if line not in hidden)


def test_a_hidden_line_is_seen_after_it_is_opened() -> None:
    folds = Folds.none(depths_of(YAML), len(YAML)).to_depth(1)
    assert [folds.line_at(row) for row in range(folds.row_count)] == [0, 8]
    assert folds.hidden_after(0) == 7
    assert folds.opened_at(4).row_count == 9
