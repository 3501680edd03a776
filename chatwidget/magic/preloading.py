"""Preloading: what the first question and the panel need is imported while a kernel is idle.

Loading the extension loads none of it. The imports take some tenths of a second, which the first
``%chat panel`` or ``%%chat`` would take longer. They are done one by one between the messages of
the kernel and in its thread: two threads that import can wait for each other.

Then a page that says which cell it runs gets the stylesheet of answers, also of those that it has
from before. The list of prices comes last, if answers are a vendor's.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from chatwidget.chat.front_end import names_cells
from chatwidget.chat.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["install", "remove"]

_MODULES = (
    "chatwidget.client.client",
    "chatwidget.chat.shell_session",
    "anywidget",
    "chatwidget.render.display.live",
    "chatwidget.magic.cell",
    "chatwidget.magic.commands",
    "chatwidget.panel.panel",
)
_PRICES = ("pydantic", "genai_prices", "genai_prices.data")
"""What the first answer of a vendor whose prices may be listed would import at its end."""
_PAUSE = 0.05
"""Seconds between two imports: a cell that is to run comes first."""


def install(shell: InteractiveShell) -> None:
    """Let a shell with a kernel preload after the cell that loads the extension."""
    remove(shell)
    if getattr(shell, "kernel", None) is not None:
        shell.events.register("post_run_cell", _after_a_cell)


def remove(shell: InteractiveShell) -> None:
    """Let a shell preload no longer."""
    for each in _installed(shell):
        shell.events.unregister("post_run_cell", each)


def _installed(shell: InteractiveShell) -> list[Callable[..., object]]:
    # by its name: after a reload, the function that was installed is another one
    known = shell.events.callbacks["post_run_cell"]
    return [each for each in known if each.__module__ == __name__]


def _after_a_cell(*_: object) -> None:
    shell = get_ipython()
    if shell is not None:
        remove(shell)
    steps: list[Callable[[], object]] = [partial(import_module, name) for name in _MODULES]
    if names_cells(shell):
        steps.append(_equip_page)
    steps += [partial(_load_prices, name) for name in _PRICES]
    with suppress(RuntimeError):  # no event loop runs here, so nobody is idle
        loop = asyncio.get_running_loop()
        loop.call_later(_PAUSE, _preload, loop, iter(steps))


def _preload(loop: asyncio.AbstractEventLoop, steps: Iterator[Callable[[], object]]) -> None:
    step = next(steps, None)
    if step is not None:
        with suppress(Exception):  # whoever needs it hears why it cannot be imported
            step()
        loop.call_later(_PAUSE, _preload, loop, steps)


def _load_prices(module: str) -> None:
    from chatwidget.client.prices.cost import needs_listed_prices  # noqa: PLC0415 - heavy

    shell = get_ipython()
    settings: Any = None if shell is None else settings_of(shell)
    if settings is not None and needs_listed_prices(settings.server):
        import_module(module)


def _equip_page() -> None:
    from chatwidget.render.display.output_modes import widget_support  # noqa: PLC0415 - heavy

    widget_support.equip_page()
