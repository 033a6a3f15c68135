"""Every verb over documents, folders and archives that were changed where it hurts.

A minute of it in CI; `MESHSCOPE_FUZZ_SECONDS=3600 MESHSCOPE_FUZZ_SEED=7 pytest tests/hostile` any other time, from any other
start. A failure names the seed of its input: `MESHSCOPE_FUZZ_AT=7000123` runs that one alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from .commands import BrokenPromiseError, commands, kept
from .mutating import Corpus

RECORDINGS = Path(__file__).parents[2] / "recordings"
SECONDS = float(os.environ.get("MESHSCOPE_FUZZ_SECONDS", "12"))
"""For each of the three tests, and for that of the browser."""
AT = int(os.environ.get("MESHSCOPE_FUZZ_AT", "0"))
SEED = int(os.environ.get("MESHSCOPE_FUZZ_SEED", "1"))

pytestmark = [pytest.mark.fuzz, pytest.mark.long]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus([*RECORDINGS.iterdir(), *map(Path, os.environ.get("MESHSCOPE_FUZZ_CORPUS", "").split())])


def document(corpus: Corpus, random: Random, folder: Path) -> Path:
    place = folder / random.choice(("config_dump.json", "x.yaml", "clusters.json"))
    place.write_bytes(corpus.mutated(random))
    return place


def recording(corpus: Corpus, random: Random, folder: Path) -> Path:
    corpus.folder(random, folder / "in")
    return folder / "in"


def archive(corpus: Corpus, random: Random, folder: Path) -> Path:
    ending, body = corpus.archive(random)
    (folder / f"in.{ending}").write_bytes(body)
    return folder / f"in.{ending}"


MAKERS = (document, recording, archive)


@pytest.mark.parametrize("make", MAKERS)
def test_every_command_ends_as_commands_end(
    make: Callable[[Corpus, Random, Path], Path],
    corpus: Corpus,
    tmp_path_factory: pytest.TempPathFactory,
    record_property: Callable[[str, object], None],
) -> None:
    ends = time.monotonic() + SECONDS
    first = AT - 1 if AT else SEED * 1_000_000
    seed, ran = first, 0
    broken: list[str] = []
    while time.monotonic() < ends and len(broken) < 20 and not (AT and ran):
        seed += 1
        random, folder = Random(seed), tmp_path_factory.mktemp("fuzz")  # noqa: S311  # no secret
        source = make(corpus, random, folder)
        (folder / "with.yaml").write_bytes(corpus.manifest(random))
        for words in commands(random, folder):
            ran += 1
            try:
                kept(words, str(source))
            except BrokenPromiseError as error:
                broken.append(f"seed {seed}: {error}")
    record_property("inputs", seed - first)
    record_property("commands", ran)
    print(f"{make.__name__}: {seed - first} inputs, {ran} commands, {len(broken)} broken promises")  # noqa: T201
    assert not broken, "\n".join(broken)
