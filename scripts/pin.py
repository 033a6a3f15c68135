"""Renew the constraints of `[tool.uv]` in pyproject.toml: the exact version of every package that a fresh machine installs.

    uv run python scripts/pin.py            newest versions that the requirements allow
    uv run python scripts/pin.py --check    exit 1 if a locked version differs from its pin

The lock file is not in git, because it names download hosts; these lines replace it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = ROOT / "pyproject.toml"
START, END = "# pins: written by scripts/pin.py\n", "# end of pins\n"


def main() -> int:
    text = PYPROJECT.read_text()
    if "--check" in sys.argv[1:]:
        return check(text)
    PYPROJECT.write_text(pinned(text, [], []))  # lock without pins, so that versions can rise
    try:
        (ROOT / "uv.lock").unlink(missing_ok=True)
        subprocess.run(["uv", "lock", "--quiet"], cwd=ROOT, check=True)
        text = pinned(text, locked(), built_with())
    finally:
        PYPROJECT.write_text(text)
    print(f"{len(locked())} pins")
    return 0


def check(text: str) -> int:
    pins = set(re.findall(r'^  "(.+==.+)",$', text, re.MULTILINE))
    loose = [pin for pin in locked() if pin not in pins]
    if loose:
        print(f"not pinned: {', '.join(loose)}; run scripts/pin.py", file=sys.stderr)
    return 1 if loose else 0


def locked() -> list[str]:
    """`name==version` of every package in the lock file, without the project itself."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    return sorted(f"{p['name']}=={p['version']}" for p in lock["package"] if "editable" not in p["source"])


def built_with() -> list[str]:
    """The same for the build backend and its dependencies."""
    backends = tomllib.loads(PYPROJECT.read_text())["build-system"]["requires"]
    command = ["uv", "pip", "compile", "-", "--quiet", "--no-header", "--no-annotate", "--universal"]
    done = subprocess.run(command, input="\n".join(backends), capture_output=True, text=True, check=True)
    return [line.partition(" ;")[0] for line in done.stdout.splitlines() if "==" in line]


def pinned(text: str, pins: list[str], build_pins: list[str]) -> str:
    listed, built = ("".join(f'  "{pin}",\n' for pin in some) for some in (pins, build_pins))
    block = (
        f"{START}[tool.uv]\nconstraint-dependencies = [\n{listed}]\nbuild-constraint-dependencies = [\n{built}]\n{END}"
    )
    if START in text:
        return re.sub(re.escape(START) + ".*?" + re.escape(END), lambda _: block, text, flags=re.DOTALL)
    return text.rstrip("\n") + "\n\n" + block


if __name__ == "__main__":
    sys.exit(main())
