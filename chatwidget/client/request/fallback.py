"""The fallback of a request: it is sent again without the parameters that are unsupported.

Errors of servers that name an unsupported parameter are told from all others here.
"""

from __future__ import annotations

import itertools
import os
import re
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import APIStatusError, StreamError
from chatwidget.client.request.body import encode_body
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.request.prepared import PreparedRequest, RequestPreview
from chatwidget.client.request.report import over_limit, report_on
from chatwidget.client.wire.ledger import LIMITS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from chatwidget.client.errors import APIError
    from chatwidget.client.request.unsupported import UnsupportedParameters
    from chatwidget.client.wire.ledger import Ledger
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["ParameterFallback", "server_message", "unsupported_parameter"]


_STATUSES = (400, 422)
# Codes and names are compared in lower case without underscores: servers write them in any case.
_CODES = frozenset(
    {
        "unsupportedparameter",
        "unsupportedvalue",
        "unsupportedargument",
        "unknownparameter",
        "unknownargument",
        "parameternotsupported",
        "argumentnotsupported",
        "extraforbidden",
    }
)
_VALUE_CODES = frozenset({"invalidvalue", "invalidtype"})
_CONTAINERS = frozenset(
    {"body", "request", "params", "parameters", "options", "generationconfig", "inferenceconfig"}
)
_SYNONYMS = {
    "stop": r"stop[ _-]?sequences?",
    "n": r"candidate[ _-]?count",
    "logprobs": r"log[ _-]?prob(?:abilitie)?s",
}
"""Names that other protocols have for parameters, with which their gateways refuse them."""

_REFUSED = (
    r"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra_forbidden"
    r"|(?:not|n't) (?:currently |yet )?"
    r"(?:support(?:ed)?|permitted|available|enabled|allowed|accept(?:ed)?|recogni[sz]ed|implemented)"
    r"|deprecated for this)"
)
_KIND = r"(?:(?:parameter|argument|field|option|property|input)(?:s|\(s\))?)"
_WHERE = r"(?: (?:on|by|with|for|in) (?:[^:;,.\n]|\.(?=\S)){1,60}(?=:))?"
_FILLER = rf"(?:request|keyword|name|the|supplied|{_KIND})"
_LINK = r":?(?: extra inputs)?(?: is| are| does)?"
_REFUSING = re.compile(_REFUSED, re.IGNORECASE)
# It would be taken with another value, or without another parameter.
_CONDITION = re.compile(
    r"\b(?:supported values|must be|at most|at least|less than|greater than|between|range|too \w+"
    r"|when|unless|both|combin\w+|used together|together with|tools with"
    r"|(?:with|without) (?:reasoning|thinking|tools|function))\b",
    re.IGNORECASE,
)
_NAMED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 'top_p' is not supported; top_p: Extra inputs are not permitted
        rf"(?<![\w.\[])(?<!role ['\"`])(\w+)['\"`]?(?: {_KIND})?{_LINK} ?{_REFUSED}",
        # Unsupported parameter(s): `top_p`; unexpected keyword argument 'top_p'
        # Argument not supported on this model: top_p
        rf"{_REFUSED}{_WHERE}(?:,? {_FILLER})*:? ?\[?['\"`]?(\w+)\b",
        # 'type': 'extra_forbidden', 'loc': ('body', 'top_p')
        r"extra_forbidden\W+loc\W+body\W+(\w+)",
    )
]


def unsupported_parameter(error: APIStatusError | StreamError, sent: Collection[str]) -> str | None:
    """Return the unsupported parameter that a server's error names, or None.

    Parameters
    ----------
    error
        What the server answered, by a status or in place of a stream.
    sent
        The names of the parameters that it could mean.
    """
    words = server_message(error)
    if isinstance(error, APIStatusError) and error.status_code not in _STATUSES:
        return None
    if _plain(error.code) in _VALUE_CODES:
        return None
    if _CONDITION.search(words):
        return None
    known = {_plain(name): name for name in sent if name in PARAMETERS}
    named = known.get(_outermost(error.param or ""))
    codes = {_plain(error.code), _plain(error.type)}
    if named is not None and (codes & _CODES or _REFUSING.search(words)):
        return named
    words = _with_names(words, known.values())
    found = [_plain(match[1]) for pattern in _NAMED for match in pattern.finditer(words)]
    return next((known[name] for name in found if name in known), None)


def server_message(error: APIStatusError | StreamError) -> str:
    """Return what the server said, without what we say before it."""
    return re.sub(r"^The server(?: answered \d+| reports|'s answer is [^:]+): ", "", error.message)


def _outermost(param: str) -> str:
    """Return the field that a path leads into, plain: ``tools`` for ``body.tools[0].type``."""
    keys = map(_plain, re.split(r"[.\[/]", param))
    return next((key for key in keys if key not in _CONTAINERS), "")


def _with_names(words: str, names: Iterable[str]) -> str:
    """Write the names of parameters in some words as the vendor does: "Top P" is ``top_p``."""
    for name in names:
        spelled = _SYNONYMS.get(name) or (name.replace("_", "[ _-]?") if "_" in name else "")
        if spelled:
            words = re.sub(rf"(?<![a-z]){spelled}(?![a-z])", name, words, flags=re.IGNORECASE)
    return words


def _plain(name: str | None) -> str:
    return (name or "").replace("_", "").replace("-", "").lower()


_MOST_FALLBACKS = 4
_NO_PARAMETERS = frozenset({"model", "messages", "stream"})
_NEEDS = {
    "top_logprobs": "logprobs",
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
    "function_call": "functions",
}
_UNSUPPORTED_WHILE_REASONING = frozenset(
    {"logprobs", "top_logprobs"}
    | {name for name, parameter in PARAMETERS.items() if parameter.group == "sampling"}
)
_PROCESS = token_hex(12)
_request_numbers = itertools.count(1)
_IGNORED = "It was accepted and ignored."


class ParameterFallback:
    """Prepares a request without unsupported parameters, and without more if the server says so.

    Parameters
    ----------
    prepared
        Where the request goes, and how.
    body
        What it should say.
    unsupported
        Where the unsupported parameters of servers are remembered.
    asked
        The parameters that the user set.
    fixed
        The fields that the user set and wants sent whatever the server says.
    baseline
        The fields that go with each request to this server.

    Attributes
    ----------
    prepared
        The request as it is sent now.
    """

    def __init__(
        self,
        prepared: PreparedRequest,
        body: Mapping[str, Any],
        unsupported: UnsupportedParameters,
        *,
        asked: Collection[str],
        fixed: Collection[str] = (),
        baseline: Collection[str] = (),
    ) -> None:
        self._wanted = body
        names = {*asked, *fixed} - _NO_PARAMETERS
        self._asked = {name: value for name, value in body.items() if name in names}
        self._baseline = {name: body[name] for name in baseline if name in body.keys() - names}
        self._fixed = fixed
        self._unsupported_parameters = unsupported
        self._place = (prepared.server.base_url, str(body["model"]))
        self._known_unsupported = _applicable(unsupported.known(*self._place), body)
        self._newly_unsupported: dict[str, str] = {}
        self.prepared = self._prepare(prepared)

    def preview(self) -> RequestPreview:
        """Return the request as it is sent now."""
        prepared = self.prepared
        wanted = encode_body(self._wanted)
        return RequestPreview(
            prepared.url, prepared.body or b"", wanted, prepared.key, self._ledger(None)
        )

    def drop_unsupported(self, error: APIError) -> bool:
        """Leave out the parameter that an error calls unsupported; false if there is none."""
        if not isinstance(error, APIStatusError | StreamError):
            return False
        if len(self._newly_unsupported) >= _MOST_FALLBACKS:
            return False
        sent = _without_unsupported(self._wanted, self._unsupported).keys()
        name = unsupported_parameter(error, sent & self._optional())
        if name is None:
            return False
        self._newly_unsupported[name] = server_message(error)
        self.prepared = self._prepare(self.prepared)
        return True

    def report(self, completion: ChatCompletion | None = None) -> Ledger:
        """Report on the request: return the ledger, and remember what is now known of the server.

        Parameters
        ----------
        completion
            The complete answer; None when the server has taken the request.
        """
        if completion is None:
            for name, words in self._newly_unsupported.items():
                self._unsupported_parameters.learn(*self._place, name, words)
        elif _only_old_limit(self._sent, self._unsupported, completion):
            self._unsupported_parameters.learn(*self._place, "max_completion_tokens", _IGNORED)
        return self._ledger(completion)

    def _ledger(self, completion: ChatCompletion | None) -> Ledger:
        told = {name: words for name, words in self._unsupported.items() if name in self._wanted}
        return report_on(self._asked, self._sent, told, completion)

    def _prepare(self, prepared: PreparedRequest) -> PreparedRequest:
        body = _without_unsupported(self._wanted, self._unsupported)
        # All tries of one request have one key, so that a server can tell them from a new one.
        headers = {**prepared.headers, "Idempotency-Key": _idempotency_key()}
        # As `replace` does, in a third of its time.
        return PreparedRequest(
            prepared.server,
            prepared.key,
            prepared.path,
            encode_body(body),
            headers,
            prepared.deadlines,
            prepared.limits,
            prepared.parse,
            body.get("n") in (None, 1),
            self.report,
            prepared.prefill,
        )

    @property
    def _sent(self) -> dict[str, Any]:
        """What is sent of the parameters that the user set, and of the server's baseline."""
        return _without_unsupported(self._baseline | self._asked, self._unsupported)

    @property
    def _unsupported(self) -> dict[str, str]:
        """What is left out and why; what this call has heard outweighs earlier calls."""
        known = self._known_unsupported
        if not known and not self._newly_unsupported:
            return {}
        if self._newly_unsupported.keys() & LIMITS.keys():
            known = {name: words for name, words in known.items() if name not in LIMITS}
        unsupported = known | self._newly_unsupported
        unsupported |= {
            name: unsupported[need] for name, need in _NEEDS.items() if need in unsupported
        }
        optional = self._optional()
        return {name: words for name, words in unsupported.items() if name in optional}

    def _optional(self) -> set[str]:
        """Return the parameters that may be left out, the other name of a limit among them."""
        names = self._wanted.keys() & PARAMETERS.keys()
        return (names | {LIMITS[name] for name in names & LIMITS.keys()}) - set(self._fixed)


def _idempotency_key() -> str:
    """Return what no other request has; asking the system for randomness each time is slow."""
    return f"chatwidget-{_PROCESS}-{os.getpid():x}-{next(_request_numbers)}"


def _only_old_limit(
    sent: Mapping[str, Any], unsupported: Collection[str], completion: ChatCompletion
) -> bool:
    """Tell whether a server seems to know the limit of tokens by its old name alone.

    Such servers ignore the new name; twice the limit is more than a difference in counting.
    """
    limit = sent.get("max_completion_tokens")
    return (
        isinstance(limit, int)
        and "max_tokens" not in unsupported
        and over_limit(2 * limit, completion)
    )


def _without_unsupported(fields: Mapping[str, Any], unsupported: Collection[str]) -> dict[str, Any]:
    """Leave unsupported fields out; a limit of tokens is kept under its other name."""
    if not unsupported:
        return dict(fields)
    kept = {name: value for name, value in fields.items() if name not in unsupported}
    for name, other in LIMITS.items():
        if name in fields and name in unsupported and other not in unsupported:
            kept.setdefault(other, fields[name])
    return kept


def _applicable(known: dict[str, str], body: Mapping[str, Any]) -> dict[str, str]:
    """Return what of it holds for a request: a model that does not think may sample."""
    if not known or body.get("reasoning_effort") != "none" or "reasoning_effort" in known:
        return known
    return {
        name: words for name, words in known.items() if name not in _UNSUPPORTED_WHILE_REASONING
    }
