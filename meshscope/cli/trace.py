"""`meshscope trace [SOURCE] DEST`: follow one request hop by hop and say why each other candidate lost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import click
import msgspec

from meshscope.cli import completing
from meshscope.cli.source_options import Source, source_options
from meshscope.cli.writing import has_colour, terminal_cells, write
from meshscope.errors import ExitCode, MeshscopeError, UsageError
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh
from meshscope.render.machine import encoded, indented, plain, resolved, yaml_text
from meshscope.simulation.journey.simulator import MAX_PATHS, Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace

FORMATS = ("tree", "json", "jsonl", "yaml", "mermaid", "dot")


@click.command("trace")
@click.argument("words", nargs=-1, metavar="[SOURCE] DEST", shell_complete=completing.trace_words)
@click.option("-X", "--method", default="", metavar="METHOD", help="default GET")
@click.option("-H", "--header", "headers", multiple=True, metavar="'K: V'", help="a request header; repeatable")
@click.option("--host", "authority", metavar="AUTHORITY", help="the Host header, if not the destination's")
@click.option("--to", default="", metavar="IP[:PORT]", help="the original destination")
@click.option("--sni", metavar="NAME", help="server name of the client's TLS")
@click.option("--alpn", metavar="A,B", help="protocols that the client offers")
@click.option("--tls/--no-tls", default=None, help="whether the client speaks TLS; default: by the scheme")
@click.option("--protocol", default="", metavar="PROTOCOL", help="http1, http2 or tcp")
@click.option("--source-ip", default="", metavar="IP", help="the client's address")
@click.option("--principal", default="", metavar="SPIFFE", help="the client's identity; default: the source's own")
@click.option("--client-cert", is_flag=True, help="the client presents a certificate that the server's CA accepts")
@click.option("--jwt", "claims", multiple=True, metavar="CLAIM=VALUE", help="a claim of an accepted token; repeatable")
@click.option("--random", type=int, metavar="N", help="Envoy's random value: decides weights and fractions")
@click.option("--inbound", "side", flag_value="inbound", help="the receiving side only")
@click.option("--outbound", "side", flag_value="outbound", help="the sending side only")
@click.option("--listener", default="", metavar="NAME", help="start at this listener")
@click.option("--curl", metavar="COMMAND", help="a pasted curl command")
@click.option("--requests", "file", type=click.Path(), metavar="FILE", help="one JSON request a line (- is stdin)")
@click.option(
    "--max-paths", type=click.IntRange(1), default=MAX_PATHS, show_default=True, help="outcomes to tell apart"
)
@source_options
@click.option("-o", "--output", type=click.Choice(FORMATS), default="tree", show_default=True, help="how it is written")
@click.option("--watch", is_flag=True, help="ask again when something changes, and show the difference")
@click.option("-w", "--all-steps", is_flag=True, help="every step of every hop (so does -v)")
@click.option("--no-color", is_flag=True, help="no colour; so does $NO_COLOR")
def command(source: Source, words: tuple[str, ...], output: str, **options: Any) -> int:
    """Follow one request through the mesh, and say why each other candidate lost.

    SOURCE is a pod, workload, app, or gateway (left out: the only proxy, or the outside); DEST a URL,
    service[.namespace][:port][/path], or IP:port.

    \b
    Examples:
      meshscope trace productpage reviews
      meshscope trace productpage http://reviews:9080/reviews/0 -H 'end-user: jason'
      meshscope trace istio-ingressgateway http://bookinfo.example.com/productpage
      meshscope trace --from envoy.yaml --to 127.0.0.1:10000 http://example.com/x
      meshscope trace --requests requests.jsonl -o jsonl
    """
    if options["file"]:
        return _batch(source, options["file"], options["max_paths"], output)
    request = _request(words, options)
    if options["watch"]:
        _watch(source, request, output, options)
    mesh = source.opened()
    known = len(mesh.problems)
    found = _traced(mesh, source, request, options)
    write(_written(found, request, output, source, options))
    source.tell_problems(mesh, before=known)
    return ExitCode.FINE if found.is_well else ExitCode.NO


def _traced(mesh: Mesh, source: Source, request: Request, options: dict[str, Any]) -> Trace:
    with collector_paused():
        found = Simulator(mesh, at=source.at).trace(request, max_paths=options["max_paths"])
    return _side(found, options["side"])


def _watch(source: Source, request: Request, output: str, options: dict[str, Any]) -> NoReturn:
    """The answer, and whenever it is another one what is different in it; for a program the whole, a line each time."""
    from meshscope.cli.watching import changes, clock, meshes  # few watch

    if output not in ("tree", "jsonl"):
        raise UsageError("--watch writes a tree, or with -o jsonl an answer a line")
    before: list[str] = []
    for mesh in meshes(source):
        try:
            lines = list(_written(_traced(mesh, source, request, options), request, output, source, options))
        except MeshscopeError as error:  # who sends, or where to, is gone: it may come back
            if not before:
                raise
            source.narrate([f"{clock()} {error}"])
            continue
        if not before or output == "jsonl":
            write(lines if lines != before else [])
        elif different := changes(before, lines, colour=has_colour(no_color=options["no_color"])):
            write([f"{clock()}\n", *different])
        before = lines
    raise AssertionError("watching has no end")


def _request(words: tuple[str, ...], options: dict[str, Any]) -> Request:
    if len(words) > 2:
        raise UsageError(f"trace takes a source and a destination, not {len(words)} words")
    curl = _pasted(options["curl"]) if options["curl"] else Request()
    told = options["curl"] or options["to"]  # where it goes; one word is then who sends, unless it is a URL
    source = words[0] if len(words) == 2 or (words and told and "://" not in words[0]) else ""
    dest = words[1] if len(words) == 2 else words[0] if words and not source else curl.dest
    return msgspec.structs.replace(
        curl,
        source=source,
        dest=dest,
        method=options["method"] or curl.method,
        headers=(*curl.headers, *map(_header, options["headers"])),
        authority=options["authority"] if options["authority"] is not None else curl.authority,
        to=options["to"] or curl.to,
        sni=options["sni"],
        alpn=tuple(options["alpn"].split(",")) if options["alpn"] else None,
        tls=options["tls"],
        protocol=options["protocol"],
        source_ip=options["source_ip"],
        principal=options["principal"],
        client_cert=options["client_cert"] or None,
        jwt=dict(_claim(text) for text in options["claims"]) or None,
        random=options["random"],
        listener=options["listener"],
    )


def _pasted(text: str) -> Request:
    from meshscope.simulation.journey.curl import parse_curl  # only for a pasted command

    return parse_curl(text)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":") if not text.startswith(":") else text[1:].partition(":")
    if not colon:
        raise UsageError(f"-H {text!r}: a header is 'name: value'")
    return name.strip().lower(), value.strip()


def _claim(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--jwt {text!r}: a claim is name=value")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value


def _side(found: Trace, side: str | None) -> Trace:
    """`--inbound` and `--outbound` show the hops of one side."""
    if side is None:
        return found
    paths = tuple(
        msgspec.structs.replace(
            path, hops=tuple(hop for hop in path.hops if (hop.direction == "inbound") == (side == "inbound"))
        )
        for path in found.paths
    )
    return msgspec.structs.replace(found, paths=paths)


def _written(found: Trace, request: Request, output: str, source: Source, options: dict[str, Any]) -> Iterator[str]:
    if output == "tree":
        from meshscope.render.trace_tree import Look, trace_tree  # only for a tree

        look = Look(
            colour=has_colour(no_color=options["no_color"]),
            cells=terminal_cells(),
            verbose=options["all_steps"] or source.verbose,
        )
        yield from (line + "\n" for line in trace_tree(found, question(request), look))
    elif output in ("mermaid", "dot"):
        from meshscope.render import trace_graph  # only for a picture

        draw = trace_graph.mermaid if output == "mermaid" else trace_graph.dot
        yield from (line + "\n" for line in draw(found, request.source or "client"))
    elif output == "yaml":
        yield yaml_text(plain(resolved(found)))
    elif output == "jsonl":
        yield encoded(found) + "\n"
    else:
        yield indented(found) + "\n"


def question(request: Request) -> str:
    """What was asked, in a line."""
    where = request.dest or request.to
    headers = "".join(f"  {name}: {value}" for name, value in request.headers)
    return f"{request.source or 'client'} ▸ {request.method or 'GET'} {where}{headers}"


def _batch(source: Source, file: str, max_paths: int, output: str) -> int:
    """One request a line, one answer a line; a bad line is answered in its place."""
    mesh = source.opened()
    simulator = Simulator(mesh, at=source.at)
    every_well = True
    with collector_paused():
        for number, line in enumerate(_lines(file), 1):
            answer, well = _line(simulator, line, number, max_paths)
            every_well = every_well and well
            write([encoded(answer) + "\n" if output != "json" else indented(answer) + "\n"])
    return ExitCode.FINE if every_well else ExitCode.NO


def _lines(file: str) -> Iterator[bytes]:
    try:
        if file == "-":
            yield from (line for line in sys.stdin.buffer if line.strip())
            return
        with open(file, "rb") as stream:  # noqa: PTH123  # as typed
            yield from (line for line in stream if line.strip())
    except OSError as error:
        raise UsageError(f"--requests {file}: {error.strerror or error}") from None


def _line(simulator: Simulator, line: bytes, number: int, max_paths: int) -> tuple[Any, bool]:
    given: Any = None
    try:
        given = msgspec.json.decode(line)
        known = {name: value for name, value in given.items() if value is not None}
        request = msgspec.convert(known, Request, strict=False)
        found = simulator.trace(request, max_paths=max_paths)
    except (msgspec.DecodeError, MeshscopeError, AttributeError, UnicodeDecodeError) as error:
        ident = given.get("id") if isinstance(given, dict) else None
        code = error.exit_code if isinstance(error, MeshscopeError) else ExitCode.USAGE
        message = str(error) if not isinstance(error, AttributeError) else "a request is a JSON object"
        return {"version": 1, "id": ident, "error": {"code": int(code), "message": f"line {number}: {message}"}}, False
    return found, found.is_well
