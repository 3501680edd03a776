"""One request, and which of its parameters the server takes."""

from __future__ import annotations

import itertools
import os
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import APIStatusError, StreamError
from chatwidget.client.request.body import encode_body
from chatwidget.client.request.call import Call
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.request.prepared import Draft
from chatwidget.client.request.report import ledger_of, over_limit
from chatwidget.client.request.unsupported_errors import refused_parameter, server_words
from chatwidget.client.wire.ledger import LIMITS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from chatwidget.client.errors import APIError
    from chatwidget.client.request.unsupported import Refusals
    from chatwidget.client.wire.ledger import Ledger
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["Negotiation"]

_MOST_CONCESSIONS = 4
_NO_PARAMETERS = frozenset({"model", "messages", "stream"})
_NEEDS = {
    "top_logprobs": "logprobs",
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
    "function_call": "functions",
}
_THINKERS_REFUSE = frozenset(
    {"logprobs", "top_logprobs"}
    | {name for name, parameter in PARAMETERS.items() if parameter.group == "sampling"}
)
_PROCESS = token_hex(12)
_request_numbers = itertools.count(1)
_IGNORED = "It was accepted and ignored."


class Negotiation:
    """What of a request is sent: all that the server is not known to refuse.

    Parameters
    ----------
    call
        Where the request goes, and how.
    body
        What it should say.
    refusals
        What servers refused before.
    asked
        The parameters that the user set.
    fixed
        The fields that the user set and wants sent whatever the server says.

    Attributes
    ----------
    call
        The request as it is sent now.
    """

    def __init__(
        self,
        call: Call,
        body: Mapping[str, Any],
        refusals: Refusals,
        *,
        asked: Collection[str],
        fixed: Collection[str] = (),
    ) -> None:
        self._wanted = body
        names = {*asked, *fixed} - _NO_PARAMETERS
        self._asked = {name: value for name, value in body.items() if name in names}
        self._optional = _optional(body) - set(fixed)
        self._refusals = refusals
        self._place = (call.server.base_url, str(body["model"]))
        self._remembered = _applicable(refusals.known(*self._place), body)
        self._heard: dict[str, str] = {}
        self.call = self._drafted(call)

    def draft(self) -> Draft:
        """Return the request as it is sent now."""
        call = self.call
        wanted = encode_body(self._wanted)
        return Draft(call.url, call.body or b"", wanted, call.key, self._ledger(None))

    def concede(self, error: APIError) -> bool:
        """Leave out the parameter that an error refuses; false if there is none to leave out."""
        if not isinstance(error, APIStatusError | StreamError):
            return False
        if len(self._heard) >= _MOST_CONCESSIONS:
            return False
        sent = _without(self._wanted, self._refused).keys()
        name = refused_parameter(error, sent & self._optional)
        if name is None:
            return False
        self._heard[name] = server_words(error)
        self.call = self._drafted(self.call)
        return True

    def settle(self, completion: ChatCompletion | None = None) -> Ledger:
        """Return the ledger, and remember what this request has shown of the server.

        Parameters
        ----------
        completion
            The complete answer; None when the server has taken the request.
        """
        if completion is None:
            for name, words in self._heard.items():
                self._refusals.learn(*self._place, name, words)
        elif _only_old_limit(self._sent, self._refused, completion):
            self._refusals.learn(*self._place, "max_completion_tokens", _IGNORED)
        return self._ledger(completion)

    def _ledger(self, completion: ChatCompletion | None) -> Ledger:
        told = {name: words for name, words in self._refused.items() if name in self._wanted}
        return ledger_of(self._asked, self._sent, told, completion)

    def _drafted(self, call: Call) -> Call:
        body = encode_body(_without(self._wanted, self._refused))
        # All tries of one request have one key, so that a server can tell them from a new one.
        headers = {**call.headers, "Idempotency-Key": _idempotency_key()}
        # As `replace` does, in a third of its time.
        return Call(
            call.server,
            call.key,
            call.path,
            body,
            headers,
            call.deadlines,
            call.limits,
            call.parse,
            self.settle,
        )

    @property
    def _sent(self) -> dict[str, Any]:
        """Those of the parameters that the user set which are sent."""
        return _without(self._asked, self._refused)

    @property
    def _refused(self) -> dict[str, str]:
        """What is left out and why; what this call has heard outweighs earlier calls."""
        remembered = self._remembered
        if self._heard.keys() & LIMITS.keys():
            remembered = {name: words for name, words in remembered.items() if name not in LIMITS}
        refused = remembered | self._heard
        refused |= {name: refused[need] for name, need in _NEEDS.items() if need in refused}
        return {name: words for name, words in refused.items() if name in self._optional}


def _idempotency_key() -> str:
    """Return what no other request has; asking the system for randomness each time is slow."""
    return f"chatwidget-{_PROCESS}-{os.getpid():x}-{next(_request_numbers)}"


def _optional(body: Mapping[str, Any]) -> set[str]:
    """Return the parameters that may be left out, with the other name of the limit of tokens."""
    names = body.keys() & PARAMETERS.keys()
    return names | {LIMITS[name] for name in names & LIMITS.keys()}


def _only_old_limit(
    sent: Mapping[str, Any], refused: Collection[str], completion: ChatCompletion
) -> bool:
    """Tell whether a server seems to know the limit of tokens by its old name alone.

    Such servers ignore the new name; twice the limit is more than a difference in counting.
    """
    limit = sent.get("max_completion_tokens")
    return (
        isinstance(limit, int) and "max_tokens" not in refused and over_limit(2 * limit, completion)
    )


def _without(fields: Mapping[str, Any], refused: Collection[str]) -> dict[str, Any]:
    """Leave refused fields out; a limit of tokens is kept under its other name."""
    kept = {name: value for name, value in fields.items() if name not in refused}
    for name, other in LIMITS.items():
        if name in fields and name in refused and other not in refused:
            kept.setdefault(other, fields[name])
    return kept


def _applicable(remembered: dict[str, str], body: Mapping[str, Any]) -> dict[str, str]:
    """Return the refusals that hold for a request: a model that does not think may sample."""
    if body.get("reasoning_effort") != "none" or "reasoning_effort" in remembered:
        return remembered
    return {name: words for name, words in remembered.items() if name not in _THINKERS_REFUSE}
