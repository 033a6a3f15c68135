"""Completion of kinds, fields, and names of the command line's own input. Silent when it fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from meshscope.listing.kind import Kind
    from meshscope.mesh.mesh import Mesh
    from meshscope.mesh.proxy import Proxy


def sources(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`demo`, the contexts of the kubeconfig as `k8s:CONTEXT`, and files."""
    from click.shell_completion import CompletionItem  # only when a shell asks

    words = ("demo", *(f"k8s:{name}" for name in _contexts()))
    items = [CompletionItem(word) for word in words if word.startswith(incomplete)]
    return items or [CompletionItem(incomplete, type="file")]


def contexts(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return _offered(_contexts(), incomplete)


def _contexts() -> list[str]:
    from meshscope.collect.kubernetes.current import contexts as known  # only when a shell asks

    return known()


def themes(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from meshscope.tui.preferences.settings import theme_words  # only when a shell asks

    return [word for word in theme_words() if word.startswith(incomplete)]


def kinds(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from meshscope.listing.registry import words  # only when a shell asks

    return [word for word in words() if word.startswith(incomplete)]


def proxies(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    mesh = _mesh(ctx)
    known = (name for proxy in mesh.proxies for name in (proxy.name, proxy.workload)) if mesh else ()
    return _offered(known, incomplete)


def trace_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """A source, then a destination: proxies, the names of services, and URLs once one is begun."""
    mesh = _mesh(ctx)
    if mesh and incomplete.startswith("http"):
        from meshscope.listing.request_words import urls  # only when a shell asks

        return _offered(urls(mesh, _senders(ctx, mesh)), incomplete)
    services = (service.name for service in mesh.network.services) if mesh else ()
    return sorted({*proxies(ctx, param, incomplete), *_offered(services, incomplete)})


def headers(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """`name: value` of headers that the routes of the source ask for."""
    from meshscope.listing.request_words import headers as known  # only when a shell asks

    mesh = _mesh(ctx)
    return _offered(known(_senders(ctx, mesh)), incomplete) if mesh else []


def _senders(ctx: click.Context, mesh: Mesh) -> Sequence[Proxy]:
    """The proxy of the source that is typed already, else all."""
    from meshscope.errors import UsageError  # only when a shell asks
    from meshscope.mesh.proxy_names import proxies_named

    try:
        source = next(iter(ctx.params.get("words") or ctx.args), "")
        return proxies_named(mesh, source)[:1] if source else mesh.proxies
    except UsageError:
        return mesh.proxies


def mentioned(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """`kind/name`, or a host of a service."""
    if "/" in incomplete:
        return objects(ctx, param, incomplete)
    mesh = _mesh(ctx)
    hosts = (service.host for service in mesh.network.services) if mesh else ()
    return [*_offered(hosts, incomplete), *(objects(ctx, param, incomplete) if incomplete else ())]


def values(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """What the rows of the kind before it have of the filter's field."""
    from meshscope.listing.near_values import known_values  # only when a shell asks

    mesh, field = _mesh(ctx), param.name or ""
    kind = _kind(_kind_before(ctx), mesh) if mesh else None
    if mesh is None or kind is None or field not in kind.filters:
        return []
    return _offered(known_values(mesh, kind, field), incomplete)


def namespaces(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    mesh = _mesh(ctx)
    if mesh is None:
        return []
    return _offered(
        {*(proxy.id.namespace for proxy in mesh.proxies), *(one.namespace for one in mesh.objects)}, incomplete
    )


def names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Names of the kind before it on the command line."""
    return _names_of(ctx, _kind_before(ctx), incomplete)


def objects(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """`kind/name`."""
    word, slash, name = incomplete.partition("/")
    if not slash:
        return [f"{kind}/" for kind in kinds(ctx, _param, word)]
    return [f"{word}/{known}" for known in _names_of(ctx, word, name)]


def kinds_or_objects(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return objects(ctx, param, incomplete) if "/" in incomplete else kinds(ctx, param, incomplete)


def fields(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Fields of the rows of the kind before it on the command line."""
    kind = _kind(_kind_before(ctx), None)
    from meshscope.listing.row import NO_VALUES  # only when a shell asks

    known = (name for name in kind.row.__struct_fields__ if name not in NO_VALUES) if kind else ()
    return _offered(known, incomplete)


def _kind_before(ctx: click.Context) -> str:
    """The verb's first word. click leaves it in `args` where the option to complete has no value yet."""
    return str(next(filter(None, (ctx.params.get("kind"), ctx.params.get("what"), *ctx.args)), ""))


def _names_of(ctx: click.Context, word: str, incomplete: str) -> list[str]:
    from meshscope.listing.selection import Selection  # only when a shell asks

    mesh = _mesh(ctx)
    kind = _kind(word, mesh) if mesh else None
    if mesh is None or kind is None:
        return []
    return _offered((kind.key(row) for row in kind.rows(mesh, Selection(with_counters=False))), incomplete)


def _offered(known: Iterable[str], incomplete: str) -> list[str]:
    """The words with this beginning, without those that a shell would interpret."""
    return sorted({name for name in known if name and name.startswith(incomplete) and name.isprintable()})


def _kind(word: str, mesh: Mesh | None) -> Kind[Any] | None:
    from meshscope.errors import MeshscopeError  # only when a shell asks
    from meshscope.listing.registry import kind_named

    try:
        return kind_named(word, mesh)
    except MeshscopeError:
        return None


def _mesh(ctx: click.Context) -> Mesh | None:
    """Of recorded sources. A cluster is not asked for a word that is typed, and names of another mesh do not stand for its."""
    from meshscope.cli.settings import configured  # only when a shell asks
    from meshscope.collect.kubernetes.current import current_context
    from meshscope.errors import MeshscopeError
    from meshscope.mesh.mesh import Mesh
    from meshscope.snapshot.reading import DEMO, open_snapshot

    try:
        named = ctx.params.get("sources") or configured()
        if not named and (ctx.params.get("context") or current_context(ctx.params.get("kubeconfig") or "") is not None):
            return None
        return Mesh(open_snapshot(*(named or (DEMO,))))
    except MeshscopeError:
        return None
