"""The contexts of the user's kubeconfig, and which one is current. No cluster is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from meshscope.bounded_file import bounded_bytes
from meshscope.collect.kubernetes.in_cluster import IN_CLUSTER, is_in_cluster
from meshscope.collect.kubernetes.kubeconfig_files import LONGEST, paths_of


def current_context(kubeconfig: str = "") -> str | None:
    """The name of the current context, `in-cluster` in a pod, "" where it is not known which one is; None without any context.

    A kubeconfig that cannot be read has some context, which whoever asks the cluster will say; so has a pipe, which can be read
    once. Nothing is asked here.
    """
    is_any = any(path.is_fifo() for path in paths_of(kubeconfig))
    for config in map(_config, _files(kubeconfig)):
        if isinstance(config, dict) and not config.get("contexts"):
            continue
        if isinstance(config, dict) and isinstance(name := config.get("current-context"), str) and name:
            return name
        is_any = is_any or config is not None
    return "" if is_any else IN_CLUSTER if is_in_cluster() else None


def contexts(kubeconfig: str = "") -> list[str]:
    """The names of all contexts, for completion, without those of a file that cannot be read."""
    names: dict[str, None] = {}
    for config in map(_config, _files(kubeconfig)):
        try:
            names.update((str(one["name"]), None) for one in config["contexts"])
        except (KeyError, TypeError):
            continue
    return list(names)


def _files(kubeconfig: str) -> list[Path]:
    return [path for path in paths_of(kubeconfig) if path.is_file()]


def _config(file: Path) -> Any:
    """The content of a kubeconfig, None of an empty one, ... of one that cannot be read."""
    import yaml  # only where there is a kubeconfig

    try:
        return yaml.load(bounded_bytes(file, LONGEST), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return ...
