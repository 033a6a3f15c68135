"""`kubectl_complete-meshscope`: what kubectl asks of the words after `kubectl meshscope`.

https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/
"""

from __future__ import annotations

import sys

_NO_FILES = ":4"
"""Cobra's ShellCompDirectiveNoFileComp.

https://github.com/spf13/cobra/blob/main/site/content/completions/_index.md
"""


def main() -> None:
    """Prints what may follow, a line each, then the directive."""
    from click.shell_completion import ShellComplete

    from meshscope.cli.app import COMPLETE, command

    *args, incomplete = sys.argv[1:] or [""]
    found = ShellComplete(command, {}, "kubectl meshscope", COMPLETE).get_completions(args, incomplete)
    print(*(item.value for item in found if item.type == "plain"), _NO_FILES, sep="\n")  # noqa: T201  # its answer
