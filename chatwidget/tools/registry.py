"""The tool registry: the Python functions that a model may call, their calls and their results."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from chatwidget.client.background import run_in_background
from chatwidget.client.errors import ConfigurationError, ParsingError
from chatwidget.client.request.tool_schema import bind_function, function_name
from chatwidget.client.wire.tool_messages import LONGEST_ARGUMENTS
from chatwidget.prompt.secrets import refuse_secrets
from chatwidget.prompt.summaries import LIMIT, summarize
from chatwidget.prompt.summaries.excerpt import excerpt
from chatwidget.tools.messages import readable_arguments

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from chatwidget.client.auth.keys import ApiKey

__all__ = [
    "Approve",
    "Decision",
    "PendingCall",
    "ToolRegistry",
    "UnusableCallError",
    "failure_text",
    "result_text",
]


_LONGEST_FAILURE = 1_000


def result_text(value: object, limit: int = LIMIT) -> str:
    """Return a result as text: a text as it is, data as JSON, the rest as a prompt shows it.

    A long one keeps its beginning and its end, and says what is left out.
    """
    if isinstance(value, str):
        return excerpt(value, limit).text
    try:
        return excerpt(_json(value), limit).text
    except (TypeError, ValueError, RecursionError):
        return summarize(value, limit).text


def failure_text(error: BaseException) -> str:
    """Return what a function raised: its type and its message, and not where it happened."""
    try:
        said = str(error)
    except (Exception, SystemExit):  # noqa: BLE001 - a user's class may raise anything
        said = ""
    told = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return excerpt(f"The call failed. {told}", _LONGEST_FAILURE).text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_as_data)


def _as_data(value: Any) -> Any:
    """Return the fields of a dataclass, a date as text, and so on."""
    data = msgspec.to_builtins(value)
    if data is value:
        raise TypeError(f"{type(value).__name__} is no data")
    return data


_TICK = 0.1


class Decision(Enum):
    """Whether a call may run: this once, not at all, or whenever the model asks for it."""

    YES = "yes"
    NO = "no"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A call that a model asks for, complete and checked, before it runs.

    Attributes
    ----------
    id
        The identifier that its result carries.
    function
        What would run.
    name
        The name that the model knows it by.
    arguments
        What it would run with: readable JSON, in which nothing is hidden.
    bound
        The call, which takes these arguments and no others.
    """

    id: str
    function: Callable[..., Any]
    name: str
    arguments: str
    bound: Callable[[], Any] = field(repr=False)

    def run(self) -> Any:
        """Call the function; a coroutine runs in the background until it is done."""
        result = self.bound()
        return _awaited(result) if inspect.isawaitable(result) else result


Approve: TypeAlias = Callable[[PendingCall], Decision]
"""Decides whether a call may run; may take its time, and may raise to end the answer."""


class UnusableCallError(Exception):
    """A call that cannot run as the model asks for it; the message is for the model."""


class ToolRegistry:
    """Registry of the functions that a model may call.

    Parameters
    ----------
    tools
        The request's tools; those that are only described cannot run.
    keys
        The keys in use, which no result takes to the model; those in the environment are known.

    Attributes
    ----------
    described
        The names of the tools that are only described.
    """

    def __init__(self, tools: Iterable[object], keys: Iterable[ApiKey] = ()) -> None:
        self._functions: dict[str, Callable[..., Any]] = {}
        self.described: set[str] = set()
        for tool in tools:
            if isinstance(tool, Mapping):
                self.described.add((tool.get("function") or {}).get("name", ""))
            elif callable(tool):
                self._functions[function_name(tool)] = tool
        self._keys = tuple(keys)

    def __bool__(self) -> bool:
        return bool(self._functions)

    def prepare(self, id_: str, name: str, arguments: str) -> PendingCall:
        """Check a call that a model asks for; nothing is called.

        Raises
        ------
        UnusableCallError
            If there is no such function, or it cannot take the arguments.
        """
        if name not in self._functions:
            known = ", ".join(self._functions)
            raise UnusableCallError(f"Not run: there is no tool {name!r}. There are: {known}.")
        function = self._functions[name]
        if (size := len(arguments)) > LONGEST_ARGUMENTS:
            raise UnusableCallError(
                f"Not run: the arguments have {size:,} characters, of which at most "
                f"{LONGEST_ARGUMENTS:,} are taken."
            )
        try:
            shown = readable_arguments(arguments)
        except ValueError as error:
            raise UnusableCallError(f"Not run: the arguments are no JSON object. {error}") from None
        try:
            bound = bind_function(function, shown)
        except ParsingError as error:
            raise UnusableCallError(f"Not run: {error.message}") from None
        return PendingCall(id_, function, name, shown, bound)

    def run(self, call: PendingCall) -> str:
        """Run a call, and return what the model is told of it.

        What the function raises is told, too; an interrupt is not caught. A result that holds a
        key or password stays here.
        """
        try:
            text = result_text(call.run())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what runs is the user's
            text = failure_text(error)
        try:
            refuse_secrets(f"The result of {call.name}", text, self._keys)
        except ConfigurationError as error:
            return error.message
        return text


def _awaited(awaitable: Awaitable[Any]) -> Any:
    # Nothing begins before whoever could be interrupted is ready to cancel it.
    go: Future[None] = Future()
    future: Future[Any] | None = None
    try:
        future = run_in_background(_wait_for(awaitable, go))
        go.set_result(None)
        while not future.done():  # in ticks: some systems interrupt no longer wait
            wait([future], _TICK)
        return future.result()
    finally:
        go.cancel()
        if future is not None:
            future.cancel()  # which does nothing, unless this was interrupted


async def _wait_for(awaitable: Awaitable[Any], go: Future[None]) -> Any:
    await asyncio.wrap_future(go)
    try:
        return await awaitable
    except (KeyboardInterrupt, SystemExit) as error:  # they would end the thread of all answers
        raise RuntimeError(type(error).__name__) from None
