"""200 proxies on loopback, in a process of their own: python mesh_server.py PORT MEGABYTES EVERY

All addresses of 127.0.1.0/24 are one server, which answers like an Envoy's admin with a dump of that size. With EVERY above
none, every so manieth proxy misbehaves: it hangs, resets, sends half a body, or a message instead of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

TYPE = "type.googleapis.com/envoy."


def node(number: int) -> dict[str, str]:
    return {"id": f"sidecar~10.0.0.{number}~pod-{number}.default~default.svc.cluster.local", "cluster": "x"}


def dump(megabytes: float) -> bytes:
    """Everything but the node, which stands for a mark."""
    clusters: list[str] = []
    while len(clusters) * len(next(iter(clusters), "")) < megabytes * 1e6:
        name = f"outbound|80||svc-{len(clusters)}.default.svc.cluster.local"
        clusters.append(json.dumps({"version_info": "1", "last_updated": "2026-11-24T17:10:00.000Z", "cluster": {
            "@type": TYPE + "config.cluster.v3.Cluster", "name": name, "type": "EDS", "connect_timeout": "10s",
            "eds_cluster_config": {"eds_config": {"ads": {}, "resource_api_version": "V3"}, "service_name": name},
            "metadata": {"filter_metadata": {"istio": {"services": [{"host": name, "namespace": "default"}]}}}}}))  # fmt: skip
    head = f'{{"configs":[{{"@type":"{TYPE}admin.v3.BootstrapConfigDump","bootstrap":{{"node":NODE}}}},'
    section = f'{{"@type":"{TYPE}admin.v3.ClustersConfigDump","dynamic_active_clusters":['
    return (head + section + ",".join(clusters) + "]}]}").encode()


class Admins:
    def __init__(self, megabytes: float, every: int) -> None:
        self.dump = dump(megabytes)
        self.every = every

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = int(writer.get_extra_info("sockname")[0].rpartition(".")[2])
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                await self.answer(line.split()[1].decode(), number, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, path: str, number: int, writer: asyncio.StreamWriter) -> None:
        body = self.body(path, number)
        head = f"HTTP/1.1 {200 if body else 404} .\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        if self.every and number % self.every == 0 and path.startswith("/config_dump"):
            kind = number // self.every % 4
            if kind == 0:
                await asyncio.sleep(3600)
            elif kind == 1:
                writer.transport.abort()
            elif kind == 2:
                writer.write(head + body[: len(body) // 2])
                await writer.drain()
                writer.close()
            else:
                body = b"Failed to convert protobuf message to JSON string: could not find @type"
                head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        writer.write(head)
        writer.write(body)
        await writer.drain()

    def body(self, path: str, number: int) -> bytes:
        if path == "/server_info":
            return json.dumps({"version": "9e5/1.40.0/Clean/RELEASE/BoringSSL", "node": node(number)}).encode()
        if path == "/config_dump?include_eds":
            return self.dump.replace(b"NODE", json.dumps(node(number)).encode(), 1)
        return b""


async def main(port: int, megabytes: float, every: int) -> None:
    admins = Admins(megabytes, every)
    server = await asyncio.start_server(admins.serve, "0.0.0.0", port, backlog=1000)  # noqa: S104  # all of 127.0.1.0/24
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
