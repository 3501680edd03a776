"""The server, in a process of its own, so that its work is not the client's."""

from __future__ import annotations

import json
import socketserver
import time
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, ClassVar

from .cases import response

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BenchmarkServer", "running_server"]


class BenchmarkServer:
    """A server that runs: where it is, and how many connections it has accepted."""

    def __init__(self, port: int, accepted: Any) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self._accepted = accepted

    @property
    def connections(self) -> int:
        """How many connections have been accepted so far."""
        return int(self._accepted.value)


@contextmanager
def running_server() -> Iterator[BenchmarkServer]:
    """Start a server on a free port of the loopback; it ends with the block."""
    context = get_context("spawn")
    accepted = context.Value("i", 0)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, accepted), daemon=True)
    process.start()
    try:
        yield BenchmarkServer(ours.recv(), accepted)
    finally:
        process.terminate()
        process.join()
        process.close()
        ours.close()
        theirs.close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


class _Connection(socketserver.StreamRequestHandler):
    """Answers request after request; the model's name says with what: ``plain-5000``.

    The seed, if there is one, says after how many ms, as a model that thinks.
    """

    disable_nagle_algorithm = True
    accepted: ClassVar[Any]

    def handle(self) -> None:
        with self.accepted.get_lock():
            self.accepted.value += 1
        with suppress(ConnectionError):
            while self.rfile.readline():
                asked = json.loads(self._body())
                case, _, chunks = asked["model"].rpartition("-")
                time.sleep(asked.get("seed", 0) / 1000)
                self.wfile.write(response(case, int(chunks)))

    def _body(self) -> bytes:
        length = 0
        while header := self.rfile.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return self.rfile.read(length)


def _serve(pipe: Any, accepted: Any) -> None:
    _Connection.accepted = accepted
    with _Server(("127.0.0.1", 0), _Connection) as server:
        pipe.send(server.server_address[1])
        server.serve_forever()
