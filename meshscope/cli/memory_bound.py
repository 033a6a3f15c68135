"""A bound for the memory of a run, so that an input of millions of tiny objects ends in one line and not in a dead machine.

A dump takes a few times its bytes, one that is made to harm some hundred times. Beyond the bound Python raises MemoryError.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup/memory.max")
"""https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files, as a container sees its own"""


def bound_memory(most: int = 0) -> None:
    """`most` bytes, or three quarters of what this machine or container has. A limit that is lower already stays.

    Where a system knows no such limit (Windows) there is none.
    """
    with suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        most = most or _there_is() * 3 // 4
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limits = [limit for limit in (soft, hard, most) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))


def _there_is() -> int:
    """Bytes of memory. Raises OSError and ValueError where the system does not say."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):  # no container, or one without a limit (`max`)
        return min(machine, int(_CGROUP.read_text(encoding="ascii")))
    return machine
