"""What bash asks of a command line that is being typed."""

from __future__ import annotations

import os

from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string


class Bash(BashComplete):
    """Reads the line itself: bash's own words end at the colons of URLs, and only what follows the last one is replaced.

    Cluster names of Istio have pipes, so that what stands outside of quotes is escaped.
    """

    source_template = BashComplete.source_template.replace(
        'COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD',
        'COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS"',
    ).replace(
        "COMPREPLY+=($value)",
        """[[ ${COMP_WORDS[COMP_CWORD]} == [\\'\\"]* ]] || printf -v value %%q "$value"
            COMPREPLY+=("$value")""",
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        *args, last = split_arg_string(f"{os.environ['COMP_LINE']}x")  # a blank at the end begins a new word
        return args[1:], last[:-1]

    def format_completion(self, item: CompletionItem) -> str:
        return f"{item.type},{item.value.removeprefix(self._kept())}"

    def _kept(self) -> str:
        """The beginning of the typed word that bash leaves as it is: all up to the last break, but none within quotes."""
        line = os.environ["COMP_LINE"]
        last = self.get_completion_args()[1]
        if not line.endswith(last):  # quoted
            return ""
        breaks = [last.rfind(sign) for sign in ":=" if sign in os.environ.get("COMP_WORDBREAKS", "")]
        is_quoted = line.removesuffix(last).endswith(("'", '"'))
        return "" if is_quoted else last[: max(breaks, default=-1) + 1]


def register() -> None:
    """Our class for bash instead of click's."""
    add_completion_class(Bash)
