"""The processes of local models: started by the first question, and ended with this process."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections import OrderedDict
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.forks import fork_safe

if TYPE_CHECKING:
    from pathlib import Path

    from chatwidget.local.gguf import ModelFile

__all__ = ["ModelProcess", "check_installed", "last_process", "process_of", "stop_all"]

_SLOTS = 4
"""Answers that a model writes at the same time; others wait."""

_MOST_PROCESSES = 2
_LAST_WORDS = 2_000
_LAST_MOMENT = 0.25


def check_installed() -> None:
    """Check that what runs a model is there.

    Raises
    ------
    ConfigurationError
        If it is not.
    """
    if find_spec("xllamacpp") is None:
        raise ConfigurationError(
            "A local model needs the package xllamacpp.",
            hint="pip install 'chatwidget[local]' brings it; then restart the kernel.",
        )


class ModelProcess:
    """The child process that runs one model.

    Parameters
    ----------
    file
        The model.

    Attributes
    ----------
    name
        What the model is called.
    address
        Where it listens, on loopback.
    key
        What it wants to hear, which nobody else knows.

    Raises
    ------
    ConfigurationError
        If the model cannot be run.
    """

    def __init__(self, file: ModelFile) -> None:
        self.name = file.name
        self.key = secrets.token_urlsafe(32)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chatwidget.local.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # an interrupt is meant for the question, not for the model
        )
        try:
            self.address = self._started(file)
        except BaseException:
            self.stop()
            raise

    def __repr__(self) -> str:
        return f"ModelProcess({self.address!r})"

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def end(self) -> str:
        """How it has ended, in words; empty if it has not."""
        try:
            code = self._process.wait(_LAST_MOMENT)  # its connections end a moment before it does
        except subprocess.TimeoutExpired:
            return ""
        how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
        return f"the process of the model {how}; the next question starts it again"

    def stop(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            with suppress(OSError, AttributeError):
                pipe.close()  # type: ignore[union-attr] # both pipes were asked for

    def _started(self, file: ModelFile) -> str:
        order = {
            "path": str(file.path),
            "name": file.name,
            "key": self.key,
            "slots": _SLOTS,
            "threads": max(1, (os.cpu_count() or 1) - 1),  # one is for the kernel and the page
            "parent": os.getpid(),
        }
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        answer = b""
        if pipe_in is not None and pipe_out is not None:
            with suppress(BrokenPipeError):
                pipe_in.write(json.dumps(order).encode() + b"\n")
                pipe_in.flush()
            answer = pipe_out.readline()
        told = json.loads(answer or b"{}")
        if "address" in told:
            return str(told["address"])
        raise ConfigurationError(
            f"The model {file.name} cannot be run: {told.get('error') or self._last_words()}.",
            hint=f"Is {file.path} whole, and is there enough memory? %chat use practice goes on "
            "without it.",
        )

    def _last_words(self) -> str:
        self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace")[-_LAST_WORDS:].splitlines()
        return lines[-1] if lines else self.end.partition(";")[0]


_lock = fork_safe(threading.Lock())
"""Held while a model starts: whoever asks another question of it waits, and finds it running."""

_processes: OrderedDict[Path, ModelProcess] = OrderedDict()


def process_of(file: ModelFile) -> ModelProcess:
    """Return the running process of a model; it is started if there is none.

    Of more than two models the one that was asked least lately is ended.

    Raises
    ------
    ConfigurationError
        If it cannot be run.
    """
    with _lock:
        process = _processes.pop(file.path, None)
        if process is not None and not process.is_running:
            process.stop()
            process = None
        if process is None:
            check_installed()
            process = ModelProcess(file)
        _processes[file.path] = process
        while len(_processes) > _MOST_PROCESSES:
            _, oldest = _processes.popitem(last=False)
            oldest.stop()
    return process


def last_process() -> ModelProcess | None:
    """Return the process of the model that was asked last, if it runs."""
    process = next(reversed([*_processes.values()]), None)
    return process if process is not None and process.is_running else None


def stop_all() -> None:
    """End all models."""
    with _lock:
        while _processes:
            _processes.popitem()[1].stop()


atexit.register(stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_processes.clear)  # its models are the parent's to end
