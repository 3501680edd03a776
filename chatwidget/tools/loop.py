"""The tool loop: a model calls tools, they run, and it is asked again with the results.

What runs was complete, fits the function, and was approved; everything else goes back to the model
as a text that says why it did not run. Whoever listens to the answer hears the chunks of all
rounds, and one end.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from chatwidget.client.errors import ChatWidgetError, ParameterError, StoppedError
from chatwidget.client.events import Data, Error, Finish, ToolProgress, Wait
from chatwidget.client.sinks import as_sink, progress_listener
from chatwidget.client.wire.finish import is_whole
from chatwidget.client.wire.tool_messages import assistant_message, tool_message
from chatwidget.client.wire.types import ChatCompletion, CompletionUsage
from chatwidget.tools.registry import Decision, UnusableCallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.wire.types import ChatCompletionMessage, FunctionCall
    from chatwidget.tools.permissions import Permissions
    from chatwidget.tools.registry import Approve, PendingCall, ToolRegistry

__all__ = ["ToolLoop"]


def sum_usage(one: CompletionUsage | None, other: CompletionUsage | None) -> CompletionUsage | None:
    """Return what two answers took together, as far as the server told."""
    total = _sum(msgspec.to_builtins(one), msgspec.to_builtins(other))
    return None if total is None else msgspec.convert(total, CompletionUsage)


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _sum(one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one + other
    return one if other is None else other


_REFUSED = "The user did not allow this call."
_INTERRUPTED = "Interrupted while it ran."
_NOT_RUN = "Not run."


class ToolLoop:
    """Tool loop: asks a model until it answers without calling a tool.

    Parameters
    ----------
    ask
        Sends one request, given as the arguments of `create_chat_completion`; ``stream_to`` is
        among them. It may be called on any thread, and waits for the answer.
    registry
        The functions that the model may ask for.
    approve
        Decides whether a call may run. It is asked before each call, except for those that are
        permitted already.
    permissions
        What is permitted; ``ALWAYS`` adds to it.
    limit
        How many rounds of calls may run.
    """

    def __init__(
        self,
        ask: Callable[..., ChatCompletion],
        registry: ToolRegistry,
        approve: Approve,
        permissions: Permissions,
        limit: int,
    ) -> None:
        self._ask = ask
        self._registry = registry
        self._approve = approve
        self._permissions = permissions
        self._limit = limit
        self._steps: list[dict[str, Any]] = []

    def run(self, request: Mapping[str, Any], stream_to: StreamTo) -> ChatCompletion:
        """Ask, run what the model asks for, and ask again; return its last answer.

        The completion counts the tokens of all rounds. The last calls in it did not run if the
        answer was cut off, or the limit is reached.

        Parameters
        ----------
        request
            The arguments of the first request.
        stream_to
            Where the answer goes.

        Raises
        ------
        ParameterError
            If several answers are asked for at once; nothing was sent.
        """
        if request.get("n") not in {None, 1}:
            raise ParameterError(
                "n asks for several answers at once, and tools run for one.",
                hint="Ask without tools, or with n=1.",
                parameter="n",
            )
        self._relay = _Relay(stream_to)
        try:
            completion = self._answer(dict(request))
        except BaseException as error:
            self._relay.fail(error)
            raise
        self._relay.finish(completion)
        return completion

    def _answer(self, request: dict[str, Any]) -> ChatCompletion:
        given = list(request.pop("messages"))
        for number in itertools.count():
            completion = self._ask(
                messages=[*given, *self._steps], stream_to=self._relay, **request
            )
            self._relay.count(completion)
            message = completion.choices[0].message if completion.choices else None
            if message is None or not message.tool_calls:
                break
            if reason := self._reason_against(completion, number):
                self._notify(note=reason)
                break
            self._run_calls(message)
            if _forces_a_call(request.get("tool_choice")):  # it would never end
                del request["tool_choice"]
        return replace(completion, usage=self._relay.usage)

    def _reason_against(self, completion: ChatCompletion, number: int) -> str:
        """Say why the calls of a completion may not run; empty if they may."""
        calls = completion.choices[0].message.tool_calls or ()
        described = [
            call.function.name for call in calls if call.function.name in self._registry.described
        ]
        if not is_whole(completion.finish_reason):
            return "The answer is not complete, so its calls were not run."
        custom = [call.custom.name for call in calls if call.custom is not None]
        if custom:
            return f"{custom[0]} is a custom tool, which is not run here."
        if described:
            return f"{described[0]} is only described, so its call was not run."
        if number == self._limit:
            return (
                f"The model asked for tools {number + 1} times in a row, so its last calls were "
                "not run. Ask again to let it go on."
            )
        return ""

    def _run_calls(self, message: ChatCompletionMessage) -> None:
        step = assistant_message(message, self._steps)
        self._steps.append(step)
        ids = [call["id"] for call in step["tool_calls"]]
        try:
            for id_, call in zip(ids, message.tool_calls or (), strict=True):
                self._steps.append(tool_message(id_, self._outcome(id_, call.function)))
        finally:
            answered = {each.get("tool_call_id") for each in self._steps}
            self._steps += [tool_message(id_, _NOT_RUN) for id_ in ids if id_ not in answered]
            self._notify()

    def _outcome(self, id_: str, function: FunctionCall) -> str:
        try:
            call = self._registry.prepare(id_, function.name, function.arguments)
        except UnusableCallError as error:
            return str(error)
        if not self._may_run(call):
            return _REFUSED
        self._notify(pending=id_, sentence=f"{call.name} runs.")
        try:
            return self._registry.run(call)
        except BaseException:
            self._steps.append(tool_message(id_, _INTERRUPTED))
            raise

    def _may_run(self, call: PendingCall) -> bool:
        if call.function in self._permissions:
            return True
        self._notify(pending=call.id, is_asked=True, sentence=f"May {call.name} run?")
        decision = Decision(self._approve(call))
        if decision is Decision.ALWAYS:
            self._permissions.allow(call.function)
        return decision is not Decision.NO

    def _notify(self, **news: Any) -> None:
        self._relay.notify(ToolProgress(steps=list(self._steps), **news))


def _forces_a_call(tool_choice: object) -> bool:
    if isinstance(tool_choice, Mapping):
        return tool_choice.get("type") != "allowed_tools"
    return tool_choice == "required"


class _Relay:
    """Sink of each round, which relays its events as those of one answer."""

    def __init__(self, stream_to: StreamTo) -> None:
        self._sink = as_sink(stream_to)
        self._has_begun = self._is_over = False
        self._model = ""
        self.usage: CompletionUsage | None = None
        self.handle_wait = progress_listener(stream_to, Wait)
        self.notify = progress_listener(stream_to, ToolProgress)

    def count(self, completion: ChatCompletion) -> None:
        """Add what a round took."""
        self._model = completion.model
        self.usage = sum_usage(self.usage, completion.usage)

    def handle_data(self, event: Data) -> None:
        self._has_begun = True
        self._sink(event)

    def handle_finish(self, event: Finish) -> None:
        """Keep the end of a round to itself."""

    def handle_error(self, event: Error) -> None:
        self.count(event.completion)
        self._end(Error(event.error, replace(event.completion, usage=self.usage)))

    def finish(self, completion: ChatCompletion) -> None:
        self._end(Finish(completion))

    def fail(self, error: BaseException) -> None:
        """Tell of what ended the answer between two rounds."""
        if self._has_begun and not self._is_over:
            completion = ChatCompletion(choices=[], model=self._model, usage=self.usage)
            self._end(Error(_reported_error(error, completion), completion))

    def _end(self, event: Error | Finish) -> None:
        self._is_over = True
        self._sink(event)


def _reported_error(error: BaseException, completion: ChatCompletion) -> ChatWidgetError:
    if isinstance(error, ChatWidgetError):
        return error
    if isinstance(error, Exception):
        return ChatWidgetError(
            f"What decides on the calls of tools failed: {type(error).__name__}."
        )
    stopped = StoppedError("The answer was stopped.")
    stopped.completion = completion
    return stopped
