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


def mirror(module: str) -> str:
    """`a/b` -> `a/test_b`."""
    folder, _, name = module.rpartition("/")
    return f"{folder}/test_{name}".removeprefix("/")


def exists(test_file: str) -> bool:
    return (TESTS / f"{test_file}.py").exists()


def has_functions(module: str) -> bool:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in ast.walk(tree))


def test_every_module_has_a_test_file_of_its_name_or_an_entry_in_the_table() -> None:
    without = sorted(mirror(module) for module in MODULES - set(COVERED) if not exists(mirror(module)))
    assert not without, "write these test files, or name in tests/layout.toml which files cover their modules"


def test_no_entry_of_the_table_is_for_a_module_that_is_gone() -> None:
    assert sorted(set(COVERED) - MODULES) == []


def test_no_entry_of_the_table_is_for_a_module_with_a_test_file_of_its_name() -> None:
    assert [module for module in COVERED if exists(mirror(module))] == []


def test_every_test_file_that_the_table_names_exists() -> None:
    assert [(module, file) for module, file in COVERED.items() if not exists(file)] == []


def test_no_module_is_in_the_table_twice() -> None:
    assert not TABLE["parts"].keys() & TABLE["declarations"].keys()


@pytest.mark.parametrize("module", sorted(TABLE["declarations"].keys() & MODULES))
def test_a_module_of_declarations_has_no_function(module: str) -> None:
    assert not has_functions(module), "move it to [parts] in tests/layout.toml, or give it a test file"
