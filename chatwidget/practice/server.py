"""The practice model as a server on this computer, for programs that are not chatwidget."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from chatwidget.practice.model import load_models
from chatwidget.practice.pacing import apaced, seconds, seconds_per_token
from chatwidget.practice.service import PracticeService, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    import uvicorn
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["create_app", "main"]

_MISSING = 'The practice server needs two more packages: pip install "chatwidget[server]"'


def create_app(
    service: PracticeService, pace: float, closing: Callable[[], bool] = lambda: False
) -> ASGIApp:
    """Return the ASGI application.

    Parameters
    ----------
    service
        What answers.
    pace
        The pause after each token of a stream, in seconds.
    closing
        Tells whether the server is about to end, so that open streams end, too.
    """
    try:
        from starlette.requests import Request  # noqa: PLC0415 - only the server needs it
        from starlette.responses import Response, StreamingResponse  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise ImportError(_MISSING) from error

    async def until_left(request: Request, reply: Reply, pace: float) -> AsyncIterator[bytes]:
        """Yield the body; stop writing when nobody is there to read, or to send it."""
        async with aclosing(apaced(reply, pace)) as parts:
            async for part in parts:
                yield part
                if closing() or await request.is_disconnected():
                    return

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        authorization = request.headers.get("authorization", "")
        body = await request.body()
        reply = service.reply(request.method, request.url.path, authorization, body)
        response: Response
        if reply.streams:
            parts = until_left(request, reply, pace)
            response = StreamingResponse(parts, reply.status, reply.headers)
        else:
            whole = b"".join([part async for part in until_left(request, reply, 0)])
            response = Response(whole, reply.status, reply.headers)
        await response(scope, receive, send)

    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the practice model until Control-C."""
    parser = _parser()
    options = parser.parse_args(arguments)
    api_key = os.environ.get(options.api_key_variable or "")
    if options.api_key_variable and not api_key:
        parser.error(f"the environment variable {options.api_key_variable} is not set")
    try:
        pace = seconds_per_token() if options.pace is None else options.pace
        server = _server(PracticeService(api_key=api_key), pace)
        listener = _listener(options.host, options.port)
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    load_models()
    _announce(listener)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again, after it has closed everything
        server.run(sockets=[listener])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chatwidget.practice", description=__doc__)
    parser.add_argument("--port", type=_port, default=8000, help="0 picks a free one")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--pace", type=seconds, help="seconds per token of a stream; 0 is fastest")
    parser.add_argument(
        "--api-key-variable",
        metavar="NAME",
        help="the environment variable that holds the key which requests must carry",
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 2**16:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _announce(listener: socket.socket) -> None:
    """Print the one line that a reader needs next; a program that started us waits for it."""
    host, port = listener.getsockname()[:2]
    address = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"%chat use http://{address}:{port}/v1\n")
    sys.stdout.flush()


def _server(service: PracticeService, pace: float) -> uvicorn.Server:
    try:
        import uvicorn  # noqa: PLC0415 - only the server needs it
    except ImportError as error:
        raise ImportError(_MISSING) from error
    app = create_app(service, pace, closing=lambda: server.should_exit)
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    return server
