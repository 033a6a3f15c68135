"""accessLogging of Telemetry: the log of each provider in each filter chain of its side.

https://istio.io/latest/docs/reference/config/telemetry/#AccessLogging
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Raw, Struct

from meshscope.effect.answer import Difference, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import PolicyChain
from meshscope.effect.telemetry.layers import Entry, is_for, provider
from meshscope.effect.telemetry.merging import inherited, logs_by_provider
from meshscope.istio.mesh_config import ExtensionProvider
from meshscope.istio.objects.telemetry import AccessLogging
from meshscope.path import Path
from meshscope.xds.access_log import AccessLog, AccessLogFilter, ExpressionFilter, FileAccessLog
from meshscope.xds.extension import unpacked
from meshscope.xds.message import Undecodable, decode, present

_LOGGERS = "envoy.extensions.access_loggers"
_FILE = f"{_LOGGERS}.file.v3.FileAccessLog"
_KINDS = {
    "envoy_otel_als": f"{_LOGGERS}.open_telemetry.v3.OpenTelemetryAccessLogConfig",
    "envoy_http_als": f"{_LOGGERS}.grpc.v3.HttpGrpcAccessLogConfig",
    "envoy_tcp_als": f"{_LOGGERS}.grpc.v3.TcpGrpcAccessLogConfig",
}
_ALONE = "it names no provider, and the mesh has no default one"
By = dict[str, Entry[AccessLogging]]


class Log(Struct, frozen=True):
    """What tells one access log from another. `where` is the path of a file, else ""."""

    kind: str
    where: str = ""
    expression: str = ""

    def __str__(self) -> str:
        written = f"log to {self.where}" if self.where else self.kind.rpartition(".")[2]
        return f"{written} where {self.expression}" if self.expression else written


class Logs:
    """All that decides about access logs at one proxy."""

    def __init__(
        self,
        configuration: Configuration,
        listed: list[list[Entry[AccessLogging]]],
        chains: Iterable[tuple[str, PolicyChain]],
    ) -> None:
        self._configuration, self._listed, self._chains = configuration, listed, tuple(chains)
        self._default = configuration.settings.default_providers.access_logging
        self._providers = inherited(listed, self._default)

    def outcomes(self, entry: Entry[AccessLogging]) -> Iterator[Outcome]:
        path = ("spec", "accessLogging", entry.index)
        for mode in dict.fromkeys(mode for mode, _ in self._chains if is_for(entry.value.match, mode)):
            decided = logs_by_provider(self._listed, self._default, mode)
            listed = self._providers[id(entry)]
            for name in listed:
                yield from self._of_provider(path, entry, name, decided, mode)
            if not listed:
                yield from self._without_provider(path, entry, mode)

    def _of_provider(
        self, path: Path, entry: Entry[AccessLogging], name: str, decided: By, mode: str
    ) -> Iterator[Outcome]:
        last = decided.get(name)
        if last is not entry:
            because = f"{last.one} has the last word on {name}" if last else "another object names other providers"
            if last is not None and last.one.item.ref == entry.one.item.ref:
                because = f"accessLogging[{last.index}] has the last word on {name}"
            yield Outcome(path, State.NOT_IN_EFFECT, because)
            return
        found = provider(self._configuration, name)
        log = _log_of(found, entry.value) if found else None
        if found is None:
            yield Outcome(path, State.NOT_IN_EFFECT, f"the mesh's extensionProviders have no {name}")
        elif log is None:
            yield Outcome(path, *_no_log(found))
        elif entry.value.disabled:
            yield from self._absent(path, log, mode)
        else:
            yield from self._present(path, log, mode)

    def _without_provider(self, path: Path, entry: Entry[AccessLogging], mode: str) -> Iterator[Outcome]:
        """Where no provider is fetched, the mesh's older settings count, whatever the object says."""
        settings = self._configuration.settings
        if settings.access_log_file:
            log = Log(_FILE, settings.access_log_file)
            if not entry.value.disabled:
                yield from self._present(path, log, mode)
            else:
                because = f"{_ALONE}: the log to {log.where} of the mesh's accessLogFile stays"
                yield Outcome(path, State.NOT_IN_EFFECT, because)
        elif settings.enable_envoy_access_log_service:
            yield Outcome(path, State.UNKNOWN, f"{_ALONE}; its access log service is not compared")
        elif entry.value.disabled:
            yield Outcome(path, State.IN_EFFECT, "the mesh writes no access log")
        else:
            yield Outcome(path, State.NOT_IN_EFFECT, _ALONE)

    def _present(self, path: Path, log: Log, mode: str) -> Iterator[Outcome]:
        for chain, logs in self._logs(mode):
            same = [one for one in logs if (one.kind, one.where) == (log.kind, log.where)]
            if log in same:
                yield chain.told(path, State.IN_EFFECT, f"the {chain} has the {log}")
            elif same:
                difference = Difference("filter.expression", log.expression, same[0].expression)
                yield chain.told(path, State.PARTLY, f"the {chain} has the {same[0]}", difference)
            else:
                yield chain.told(path, State.NOT_IN_EFFECT, f"the {chain} has no {log}")

    def _absent(self, path: Path, log: Log, mode: str) -> Iterator[Outcome]:
        for chain, logs in self._logs(mode):
            left = next((one for one in logs if (one.kind, one.where) == (log.kind, log.where)), None)
            if left is None:
                yield chain.told(path, State.IN_EFFECT, f"the {chain} has no {log}")
            else:
                yield chain.told(path, State.NOT_IN_EFFECT, f"the {chain} still has the {left}")

    def _logs(self, mode: str) -> Iterator[tuple[PolicyChain, list[Log]]]:
        for its_mode, chain in self._chains:
            if its_mode == mode:
                http, tcp = chain.chain.http, chain.chain.tcp
                raw = http[1].access_log if http else tcp[1].access_log if tcp else None
                if raw is not None:
                    yield chain, [_read(one) for one in raw]


def _log_of(one: ExtensionProvider, value: AccessLogging) -> Log | None:
    expression = value.filter.expression if value.filter else ""
    if one.envoy_file_access_log is not None:
        return Log(_FILE, one.envoy_file_access_log.path or "/dev/stdout", expression)
    kind = next((kind for field, kind in _KINDS.items() if present(getattr(one, field))), None)
    return Log(kind, "", expression) if kind else None


def _no_log(one: ExtensionProvider) -> tuple[State, str]:
    if present(one.stackdriver):
        return State.UNKNOWN, f"the access log of provider {one.name} (stackdriver) is not modelled"
    return State.NOT_IN_EFFECT, f"provider {one.name} writes no access log"


def _read(raw: Raw) -> Log:
    """One that does not read is of no kind."""
    log = decode(raw, AccessLog)
    if isinstance(log, Undecodable) or not present(log.typed_config):
        return Log("")
    kind, body = unpacked(log.typed_config)
    file = decode(body, FileAccessLog) if kind == _FILE else None
    where = file.path if isinstance(file, FileAccessLog) else ""
    return Log(kind, where, _expression(log.filter) if log.filter else "")


def _expression(one: AccessLogFilter) -> str:
    if one.extension_filter is not None:
        held = decode(one.extension_filter.typed_config, ExpressionFilter)
        return "" if isinstance(held, Undecodable) else held.expression
    inner = one.and_filter.filters if one.and_filter else ()
    return next(filter(None, map(_expression, inner)), "")
