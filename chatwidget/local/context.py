"""The context window of a local model: how much it reads, and prompts that are longer."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from functools import lru_cache
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from chatwidget.local.process import last_process

if TYPE_CHECKING:
    from chatwidget.local.process import ModelProcess

__all__ = ["ranges", "refusal"]

_PATIENCE = 30.0


def refusal(body: bytes, process: ModelProcess) -> httpx.Response | None:
    """Return the refusal of a prompt that is too long for the model; None of one that is not.

    Only what may be too long is counted, for that takes a moment: a token has at least one byte.
    """
    window = _context_window(process)
    if not window or len(body) < window:
        return None
    tokens = _asked(process, "POST", "/v1/chat/completions/input_tokens", body).get("input_tokens")
    if not isinstance(tokens, int) or tokens < window:
        return None
    message = (
        f"The prompt has {tokens:,} tokens, and {process.name} has room for {window:,}, its answer "
        "included. It was not sent; shorten it, or begin a new conversation."
    )
    return httpx.Response(400, json={"error": {"message": message, "code": "context_too_long"}})


def ranges() -> dict[str, tuple[float, float, float]]:
    """Return which values of parameters make sense for the model that was asked last.

    They are the least, the greatest and the step, as in `Server.ranges`; none before one runs.
    """
    process = last_process()
    window = _context_window(process) if process is not None else 0
    return dict.fromkeys(("max_tokens", "max_completion_tokens"), (1, window, 1)) if window else {}


@lru_cache(maxsize=4)
def _context_window(process: ModelProcess) -> int:
    """Return how many tokens a model reads and writes at most; 0 if it does not say."""
    settings = _asked(process, "GET", "/props").get("default_generation_settings")
    window = settings.get("n_ctx") if isinstance(settings, dict) else 0
    return window if isinstance(window, int) else 0


def _asked(
    process: ModelProcess, method: str, path: str, body: bytes | None = None
) -> dict[str, Any]:
    """Return what the model's process says of itself; nothing if it does not answer."""
    headers = {"Authorization": f"Bearer {process.key}", "Content-Type": "application/json"}
    address = urlsplit(process.address)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=_PATIENCE)
    with suppress(OSError, HTTPException, ValueError), closing(connection):
        connection.request(method, path, body, headers)
        told = json.loads(connection.getresponse().read())
        return told if isinstance(told, dict) else {}
    return {}
