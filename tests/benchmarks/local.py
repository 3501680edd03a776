"""What the local model takes: to its first token, for each token beside the bare server, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .measure import in_rounds, median, ratio
from .report import print_table, times

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["report"]

_TOKENS = 400
_ASKED = {"temperature": 0.3, "seed": 1, "max_tokens": _TOKENS, "stream": True}
_PROMPT = "Tell me a long story about a cat who wanted to see the sea."


def report(bench: Bench) -> None:
    """Print the figures of a model that runs in a shell of its own."""
    command = [sys.executable, "-m", __spec__.name, str(2 if bench.quick else 5)]
    with TemporaryDirectory() as home:
        environment = os.environ | {"IPYTHONDIR": home, "CHATWIDGET_DATA": home}
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    told: dict[str, Any] = json.loads(ran.stdout)
    beside = ratio(told["bare"], told["cell"])  # tokens a second, so the other way round
    rows = [
        ["from `%chat use local` to the first token, cold", f"{told['cold']:.2f} s", ""],
        ["from a question to its first token, warm", f"{told['warm']:.3f} s", ""],
        ["tokens a second, bare server", f"{_TOKENS / median(told['bare']):.0f}", ""],
        ["tokens a second, `%%chat`", f"{_TOKENS / median(told['cell']):.0f}", ""],
        [
            "time of the bare server, of that of `%%chat`",
            times(beside),
            f"(≥ 0.95: {'ok' if beside >= _LEAST else 'MISSED'})",
        ],
        ["memory of the model's process", f"{told['model_mb']:.0f} MB", ""],
        ["memory of the kernel's", f"{told['kernel_mb']:.0f} MB", ""],
        ["to end the model", f"{told['end']:.3f} s", ""],
    ]
    print_table("The local model", ["", "", "goal"], rows)


_LEAST = 0.95


def _measured(rounds: int) -> dict[str, Any]:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.local.catalog import find_model
    from chatwidget.local.process import process_of, stop_all

    shell = InteractiveShell.instance()
    told: dict[str, Any] = {}

    def first_token(cell: str) -> float:
        seen: list[float] = []
        shell.user_ns["sink"] = lambda _: seen or seen.append(time.perf_counter())
        began = time.perf_counter()
        for each in cell.split("\n\n"):
            shell.run_cell(each).raise_error()
        return seen[0] - began

    ask = "%%chat --no-history --max-tokens 1 --stream-to sink\nHi"
    told["cold"] = first_token(f"%load_ext chatwidget\n%chat use local\n\n{ask}")
    told["warm"] = median(first_token(ask) for _ in range(rounds))
    process = process_of(find_model("local"))
    flags = f"-t 0.3 --seed 1 --max-tokens {_TOKENS} --no-history --set ignore_eos=true"

    def cell() -> float:
        began = time.perf_counter()
        shell.run_cell(f"%%chat {flags}\n{_PROMPT}").raise_error()
        return time.perf_counter() - began

    jobs = {"bare": lambda: _bare(process), "cell": cell}
    told |= in_rounds(jobs, rounds)
    told["model_mb"], told["kernel_mb"] = _memory(process._process.pid), _memory(os.getpid())
    began = time.perf_counter()
    stop_all()
    return told | {"end": time.perf_counter() - began}


def _bare(process: Any) -> float:
    """Ask the server with nothing around it, and read what it says."""
    address = urlsplit(process.address)
    connection = HTTPConnection(address.hostname or "", address.port)
    headers = {"Authorization": f"Bearer {process.key}", "Content-Type": "application/json"}
    neutral = {"top_p": 1, "top_k": 0, "min_p": 0, "repeat_penalty": 1, "ignore_eos": True}
    messages = [{"role": "user", "content": _PROMPT}]
    body = json.dumps({"messages": messages, **_ASKED, **neutral})
    began = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", body, headers)
    connection.getresponse().read()
    connection.close()
    return time.perf_counter() - began


def _memory(process: int) -> float:
    """The memory of a process, in MB."""
    with open(f"/proc/{process}/status") as status:  # noqa: PTH123 - a file of the kernel
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the cells print is no figure
    print(json.dumps(_measured(int(sys.argv[1]))), file=out)
