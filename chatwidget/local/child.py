"""The child process of a local model: llama.cpp's server on loopback, as long as its parent lives.

It is run as ``python -m chatwidget.local.child``. What to do is a line of JSON on its standard
input, so that the key stands in no list of processes; where it listens, or why it does not, is a
line of JSON on its standard output. When its input ends, so does it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

__all__: list[str] = []

_TICK = 1.0


def main() -> None:
    """Serve a model until the parent is gone."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with, args=(order["parent"],), daemon=True).start()
    try:
        server = _serve(order)
        answer = {"address": server.listening_address}
    except Exception as error:  # noqa: BLE001 - the parent says it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), file=answers, flush=True)
    if "address" in answer:
        sys.stdin.read()
    os._exit(0)  # at once: what the server still computes is for nobody


def _serve(order: dict[str, Any]) -> Any:
    import xllamacpp  # noqa: PLC0415 - when whatever it prints has somewhere to go

    params = xllamacpp.CommonParams()
    params.model.path = order["path"]
    params.model_alias = {order["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [order["key"]]
    params.cors_origins = ""
    params.ui = False
    params.offline = True
    params.n_parallel = order["slots"]
    params.kv_unified = True  # one long answer may have all of the context
    params.cpuparams.n_threads = order["threads"]
    params.cpuparams.poll = 0  # a thread that waits sleeps: others have work to do
    params.verbosity = 1
    return xllamacpp.Server(params)


def _leave_with(parent: int) -> None:
    """End when the parent has: a process that was forked from it may hold our input open."""
    while os.getppid() == parent:
        time.sleep(_TICK)
    os._exit(0)


if __name__ == "__main__":
    main()
