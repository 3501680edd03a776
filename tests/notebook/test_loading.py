"""Loading and unloading the extension."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.shell_session import current_session
from chatwidget.magic.magics import load, unload
from wire.replies import SSE_HEAD, chunk, sse
from wire.scripted_server import pause

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer


def state(shell: InteractiveShell) -> dict[str, Any]:
    """Everything in a shell that an extension could leave something in."""
    transformers = shell.input_transformer_manager
    hooks = {
        name: [[*map(str, pair)] for pair in dispatcher.chain]
        for name, dispatcher in vars(shell.hooks).items()
        if hasattr(dispatcher, "chain")
    }
    return {
        "magics": {kind: dict(known) for kind, known in shell.magics_manager.magics.items()},
        "registry": set(shell.magics_manager.registry),
        "configurables": list(shell.configurables),
        "events": {name: list(calls) for name, calls in shell.events.callbacks.items()},
        "lines": [*transformers.cleanup_transforms, *transformers.line_transforms],
        "tokens": list(transformers.token_transformers),
        "matchers": list(shell.Completer.custom_matchers),
        "completers": {
            name: repr(getattr(each, "strs", each)) + repr(getattr(each, "regexs", ""))
            for name, each in shell.strdispatchers.items()
        },
        "hooks": hooks,
        "variables": set(shell.user_ns),
        "exceptions": (shell.custom_exceptions, shell.CustomTB),
    }


def test_unloading_leaves_nothing_behind(shell: InteractiveShell) -> None:
    before = state(shell)
    load(shell)
    assert state(shell) != before
    shell.run_cell("%chat\n%chat set seed=1")
    shell.run_cell("1/0", silent=False)
    unload(shell)
    assert state(shell) == before


def test_loading_again_and_again_changes_nothing_more(shell: InteractiveShell) -> None:
    load(shell)
    once = {name: len(value) for name, value in state(shell).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(shell)
        load(shell)
    assert {name: len(value) for name, value in state(shell).items()} == once


def test_anothers_magic_is_named_and_comes_back(shell: InteractiveShell) -> None:
    def theirs(line: str, cell: str) -> str:
        return f"theirs: {cell}"

    shell.register_magic_function(theirs, "cell", "chat")
    with pytest.warns(UserWarning, match=rf"The magic chat of {__name__} is replaced") as caught:
        load(shell)
    assert len(caught) == 1
    unload(shell)
    assert shell.run_cell_magic("chat", "", "Hi") == "theirs: Hi"


def test_unloading_stops_what_is_still_being_written(cells: Cells, server: ScriptedServer) -> None:
    never = threading.Event()
    server.reply(SSE_HEAD, sse(chunk("Hello")), pause(never))
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    cells.run("%%chat --background\nHi")
    assert cells.error is None
    server.wait_for_requests(1)
    running = list(current_session().running)
    cells.run("%unload_ext chatwidget")
    assert server.connections[0].wait_closed(2)
    assert [answer.task.exception(2) for answer in running]
    never.set()
