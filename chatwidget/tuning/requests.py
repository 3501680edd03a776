"""The requests of a study: each setting with each prompt and row, and the key of each request."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from chatwidget.client.auth.servers import ENDPOINT, Server
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.body import request_body, wire_messages
from chatwidget.tuning.definition import combinations
from chatwidget.tuning.prompts import fill
from chatwidget.tuning.request_key import request_key
from chatwidget.tuning.result import Setting
from chatwidget.tuning.values import BESIDE_PARAMETERS, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.tuning.definition import Combination, Definition
    from chatwidget.tuning.prompts import Prompt

__all__ = ["Call", "StudyRequest", "can_tell_truth", "expand"]

_PRACTICE = "chatwidget.practice."


class StudyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request of a study, which is asked once for each repeat.

    Attributes
    ----------
    setting, prompt, item, variables
        As in `Result`.
    server, model, messages, parameters, extra_body
        What is asked, and of whom.
    key
        Its key in the store.
    place, places
        If other requests of the study ask exactly the same: which of them this is, from 1 on, and
        how many they are. Their draws alternate, so that none is served in place of another.
    """

    setting: Setting
    prompt: str
    item: str
    variables: dict[str, Any]
    server: Server
    model: str
    messages: list[dict[str, Any]]
    parameters: dict[str, Any]
    extra_body: dict[str, Any]
    key: bytes
    place: int = 1
    places: int = 1

    def stored_draw(self, draw: int) -> int:
        """Return the number of a repeat in the store, where draw 0 is a cell's."""
        return self.place + (draw - 1) * self.places

    @property
    def body(self) -> dict[str, Any]:
        """What is asked, as it goes on the wire if the server supports all of it."""
        return request_body(
            self.messages,
            self.model,
            self.parameters,
            stream=False,
            extra_body=self.extra_body,
            origin=self.server.origin,
            baseline=self.server.baseline,
        )


class Call(NamedTuple):
    """A call of a study: a request, and which of its repeats, from 1 on."""

    request: StudyRequest
    draw: int

    @property
    def stored_draw(self) -> int:
        """The number of the repeat in the store."""
        return self.request.stored_draw(self.draw)

    @property
    def identity(self) -> dict[str, Any]:
        """What a `Result` and a `Failure` say of their call."""
        request = self.request
        return {
            "setting": request.setting,
            "prompt": request.prompt,
            "item": request.item,
            "draw": self.draw,
            "server": request.server.name,
            "variables": request.variables,
        }


def expand(definition: Definition) -> list[StudyRequest]:
    """Return the requests of a study: setting by setting, prompt by prompt, row by row.

    Raises
    ------
    ConfigurationError
        If a setting has no model, or a marker names no column.
    """
    requests = []
    asked: Counter[bytes] = Counter()
    for combination in combinations(definition):
        for request in _of_setting(definition, combination):
            asked[request.key] += 1
            requests.append((request, asked[request.key]))
    if len(asked) == len(requests):
        return [request for request, _ in requests]
    return [
        msgspec.structs.replace(request, place=place, places=asked[request.key])
        for request, place in requests
    ]


def can_tell_truth(definition: Definition) -> bool:
    """Whether all that a study asks is the practice model, whose distributions are known."""
    return all((each.server.transport or "").startswith(_PRACTICE) for each in expand(definition))


def _of_setting(definition: Definition, combination: Combination) -> Iterator[StudyRequest]:
    setting = Setting({name: value.label for name, value in combination.items()})
    chosen = definition.fixed | {name: value.sent for name, value in combination.items()}
    server = server_of(chosen.get("server"))
    model = chosen.get("model") or server.default_model
    if not model:
        raise ConfigurationError(
            f"No model is chosen, and {server.name} has no default one.",
            hint="Name one with model=, or several with vary={'model': […]}.",
        )
    names = [name for name in chosen if name not in BESIDE_PARAMETERS]
    parameters = {name: chosen[name] for name in names if chosen[name] is not None}
    extra_body = chosen.get("extra_body") or {}
    shared = request_body(
        "", model, parameters, stream=False, extra_body=extra_body, baseline=server.baseline
    )
    for prompt, item, variables, messages in _asked(definition, chosen.get("system")):
        yield StudyRequest(
            setting=setting,
            prompt=prompt,
            item=item,
            variables=variables,
            server=server,
            model=model,
            messages=messages,
            parameters=parameters,
            extra_body=extra_body,
            key=request_key(server.url(ENDPOINT), shared | {"messages": messages} | extra_body),
        )


def _asked(
    definition: Definition, system: str | None
) -> Iterator[tuple[str, str, dict[str, Any], list[dict[str, Any]]]]:
    """Yield prompt, item, variables and messages of each question."""
    rows = definition.data.items() or [("", None)]
    for (name, prompt), (row, variables) in itertools.product(definition.prompts.items(), rows):
        yield name, row or name, variables or {}, _messages(prompt, system, variables)


def _messages(
    prompt: Prompt, system: str | None, variables: dict[str, Any] | None
) -> list[dict[str, Any]]:
    first = [{"role": "system", "content": system}] if system else []
    messages = [*first, *wire_messages(prompt)]
    if variables is None:
        return messages
    filled = fill(messages, variables)
    return filled if isinstance(filled, list) else messages
