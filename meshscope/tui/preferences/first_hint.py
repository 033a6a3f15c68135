"""What the browser says at its very first start."""

from __future__ import annotations

from collections.abc import Mapping


def first_hint(keys: Mapping[str, str]) -> str:
    """Three lines. `keys` is the id of a binding -> its key as it is shown."""
    key = keys.get
    return (
        f"{key('app.help', '?')} lists the keys of a screen; "
        f"{key('table.open', '⏎')} opens, {key('page.back', 'esc')} goes back, {key('table.filter', '/')} filters\n"
        f"{key('page.command', ':')} goes anywhere, as routes productpage, or trace productpage reviews\n"
        f"{key('home.trace', 't')} traces a request, {key('home.scope', 'v')} shows a proxy in five columns, "
        f"{key('app.search', 'f')} finds a name"
    )
