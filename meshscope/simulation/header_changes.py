"""What a stage changes in a request, put into the step that tells of it."""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.trace import HeaderChange, Step, StepKind

_PSEUDO = (":authority", ":path", ":method", ":scheme")


def changes(before: HttpRequest, after: HttpRequest) -> tuple[HeaderChange, ...]:
    """The pseudo-headers first, then the headers in the order in which they stand, before and after."""
    if before is after:
        return ()
    names: tuple[str, ...] = tuple(name for name in _PSEUDO if before.values(name) != after.values(name))
    if before.headers != after.headers or before.hidden != after.hidden:
        of_both = (name for name, _ in (*before.headers, *after.headers))
        others = dict.fromkeys((*of_both, *sorted(after.hidden - before.hidden)))
        names += tuple(name for name in others if _is_other(name, before, after))
    return tuple(_change(name, before, after) for name in names)


def _is_other(name: str, before: HttpRequest, after: HttpRequest) -> bool:
    is_hidden_now = name in after.hidden and name not in before.hidden
    return is_hidden_now or before.values(name) != after.values(name)


def _change(name: str, before: HttpRequest, after: HttpRequest) -> HeaderChange:
    is_unknown = name in after.hidden
    return HeaderChange(name, before.values(name), () if is_unknown else after.values(name), unknown=is_unknown)


def told(steps: tuple[Step, ...], changed: tuple[HeaderChange, ...], *kinds: StepKind) -> tuple[Step, ...]:
    """The same with the changes in the last step of the first kind that there is; as they were where there is none."""
    for kind in kinds if changed else ():
        for index in range(len(steps) - 1, -1, -1):
            if steps[index].kind is kind:
                one = replace(steps[index], changes=steps[index].changes + changed)
                return (*steps[:index], one, *steps[index + 1 :])
    return steps
