"""The vendor's JSON for a completion, whole or in chunks.

Both are made from the same pieces, so that a streamed answer equals the same answer fetched whole.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from chatwidget.practice.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from chatwidget.practice.model import PracticeModel
    from chatwidget.practice.request import ChatRequest

__all__ = ["Response", "model_list", "model_object"]

_TOKENS_PER_MESSAGE = 3
"""What a message costs beside its words: its role, and the marks around it."""


class Response:
    """The response to one request, not yet written.

    Parameters
    ----------
    model
        The model that answers.
    request
        What is asked for.

    Raises
    ------
    PracticeAPIError
        If the answer should be JSON of a schema that cannot be met.
    """

    def __init__(self, model: PracticeModel, request: ChatRequest) -> None:
        self._model = model
        self._request = request
        self._answers = [Answer(model, request, index) for index in range(request.n)]

    def whole(self) -> Generator[None, None, dict[str, Any]]:
        """Return the completion; yield after each token, so that a caller can stop it."""
        for answer in self._answers:
            while answer.finish_reason is None:
                answer.advance()
                yield
        return {
            **self._frame("chat.completion"),
            "choices": [answer.choice() for answer in self._answers],
            "usage": self._usage(),
        }

    def chunks(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the chunks of each token; several answers are written side by side."""
        frame = self._frame("chat.completion.chunk")
        if self._request.include_usage:
            frame["usage"] = None
        yield [{**frame, "choices": [answer.opening()]} for answer in self._answers]
        writing = self._answers
        while writing:
            choices = [choice for answer in writing for choice in answer.chunk_choices()]
            yield [{**frame, "choices": [choice]} for choice in choices]
            writing = [answer for answer in writing if answer.finish_reason is None]
        if self._request.include_usage:
            yield [{**frame, "choices": [], "usage": self._usage()}]

    def _frame(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": kind,
            "created": int(time.time()),
            "model": self._model.name,
            "system_fingerprint": self._model.fingerprint,
        }

    def _usage(self) -> dict[str, Any]:
        texts = self._request.prompt.texts
        words = sum(len(self._model.tokenizer.encode(text)) for text in texts)
        prompt = words + _TOKENS_PER_MESSAGE * len(texts)
        written = sum(answer.tokens for answer in self._answers)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }


def model_list(models: Iterable[PracticeModel]) -> dict[str, Any]:
    """Return the list of the models."""
    return {"object": "list", "data": [model_object(model) for model in models]}


def model_object(model: PracticeModel) -> dict[str, Any]:
    """Return the description of a model."""
    return {"id": model.name, "object": "model", "created": 0, "owned_by": "chatwidget"}
