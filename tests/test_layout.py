"""The tests mirror the package: each module has a test file of its name, or layout.toml says which file covers it."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "meshscope"
TABLE: dict[str, dict[str, str]] = tomllib.loads((TESTS / "layout.toml").read_text())
COVERED = {**TABLE["parts"], **TABLE["declarations"]}
MODULES = {
    str(file.relative_to(PACKAGE).with_suffix("")) for file in PACKAGE.rglob("*.py") if file.name != "__init__.py"
}


def mirror(module: str) -> Path:
    """`a/b` -> `tests/a/test_b.py`."""
    path = TESTS / module
    return path.with_name(f"test_{path.name}.py")


def has_functions(module: str) -> bool:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in ast.walk(tree))


def test_every_module_has_a_mirror_of_its_name_or_an_entry_in_the_table() -> None:
    without = sorted(module for module in MODULES - set(COVERED) if not mirror(module).exists())
    assert not without, f"write {', '.join(map(str, map(mirror, without)))}, or name in layout.toml what covers them"


@pytest.mark.parametrize("module", COVERED)
def test_an_entry_of_the_table_holds(module: str) -> None:
    assert module in MODULES, "there is no such module"
    assert not mirror(module).exists(), "it has a test file of its name and needs no entry"
    assert (TESTS / f"{COVERED[module]}.py").exists(), "there is no such test file"


def test_no_module_is_in_the_table_twice() -> None:
    assert not TABLE["parts"].keys() & TABLE["declarations"].keys()


@pytest.mark.parametrize("module", TABLE["declarations"])
def test_a_module_of_declarations_has_no_function(module: str) -> None:
    assert not has_functions(module)
