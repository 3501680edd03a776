"""Questions of people at the shared pace: they wait for no study, and a study gives way to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatwidget.client.background import ChatTask, Task
    from chatwidget.client.client import ChatClient
    from chatwidget.client.pace.pace import Turn
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["UrgentClient"]


class UrgentClient:
    """A client whose requests go at once, and whose pace learns how they went.

    Parameters
    ----------
    client
        Sends them.
    """

    def __init__(self, client: ChatClient) -> None:
        self._client = client

    def create_chat_completion(self, **request: Any) -> ChatCompletion:
        """Do as the client's own does."""
        with self._turn(request) as turn:
            completion: ChatCompletion = self._client.create_chat_completion(**request)
            turn.succeeded(completion.usage)
        return completion

    def start_chat_completion(self, **request: Any) -> ChatTask:
        """Do as the client's own does; the turn ends with the answer."""
        turn = self._turn(request).__enter__()
        try:
            task = self._client.start_chat_completion(**request)
        except BaseException as error:
            turn.end(error)
            raise
        task.add_done_callback(lambda task: _end(turn, task))
        return task

    def _turn(self, request: dict[str, Any]) -> Turn:
        return self._client.pace(request.get("model")).turn(urgent=True)


def _end(turn: Turn, task: Task) -> None:
    error = task.exception()
    if error is None:
        turn.succeeded(task.result().usage)
    turn.end(error)
