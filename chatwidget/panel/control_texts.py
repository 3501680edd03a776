"""The sentences of a parameter's control: defaults, ranges, refusals, and where to read more."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chatwidget.chat.value_text import value_in_words
from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.wire.ledger import LIMITS
from chatwidget.panel.parameter_state import unsupported_parameters
from chatwidget.render import handbook_pages
from chatwidget.render.markup.rendering import render

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.request.parameters import Parameter
    from chatwidget.panel.state import ParameterState

__all__ = [
    "HANDBOOK_PAGES",
    "default_in_words",
    "handbook_html",
    "handbook_title",
    "limit_hint",
    "range_sentence",
    "summary",
    "unsupported_sentence",
]

_PAGE_OF_GROUP = {
    "sampling": "temperature-and-top-p",
    "length": "length-and-stopping",
    "output": "tools-and-structured-output",
    "reasoning": "request-parameters",
    "tools": "tools-and-structured-output",
    "service": "request-parameters",
}
_PAGE_OF_PARAMETER = {
    "presence_penalty": "penalties",
    "frequency_penalty": "penalties",
    "seed": "seed-and-repeats",
    "n": "seed-and-repeats",
    "logprobs": "tokens-and-probabilities",
    "top_logprobs": "tokens-and-probabilities",
    "logit_bias": "tokens-and-probabilities",
}
HANDBOOK_PAGES = {
    name: _PAGE_OF_PARAMETER.get(name, _PAGE_OF_GROUP[parameter.group])
    for name, parameter in PARAMETERS.items()
}
"""The page of the handbook that explains each parameter."""

_DEFAULTS = {
    "max_completion_tokens": "no limit",
    "max_tokens": "no limit",
    "seed": "random",
    "top_logprobs": "none",
    "response_format": "text",
    "modalities": "text",
    "tool_choice": "auto with tools, else none",
}
"""What holds while a parameter is not sent, where the vendor's table has no value for it."""

_FOR_WHAT = {
    "max_completion_tokens": "Limits the answer and the reasoning before it; the newer name.",
    "max_tokens": "Limits the answer; the older name, and the only one on most local servers.",
}
_LIMIT_OF_PROFILE = {
    "openai": "max_completion_tokens",
    "ollama": "max_tokens",
    "lm-studio": "max_tokens",
    "llama.cpp": "max_tokens",
}
"""The name of the limit of tokens that a server understands, where it is one of the two alone."""

_KNOWS_BOTH = frozenset({"practice", "vllm"})


def default_in_words(parameter: Parameter, server: Server) -> str:
    """Return what holds while a parameter is not set; empty if nothing is known of it."""
    default = server.baseline.get(parameter.name, parameter.default)
    return value_in_words(default) or _DEFAULTS.get(parameter.name, "")


def range_sentence(session: ChatSession, parameter: Parameter) -> str:
    """Say which values a parameter takes, and which of them make sense on the server."""
    known = f" such as {', '.join(parameter.choices)}" if parameter.choices else ""
    said = f"Takes {parameter.describe()}{known}."
    if parameter.replaced_by and parameter.name not in LIMITS:
        said += f" Replaced by {parameter.replaced_by}."
    span = session.server.range_of(parameter.name)
    return f"{said} On {session.server.name}: {span[0]:g} to {span[1]:g}." if span else said


def limit_hint(session: ChatSession, name: str) -> str:
    """Say what a limit of tokens is for, and which of its two names the server understands."""
    if name not in LIMITS:
        return ""
    advice = _advice(session, name)
    return f"{_FOR_WHAT[name]} {advice}" if advice else _FOR_WHAT[name]


def _advice(session: ChatSession, name: str) -> str:
    """Say which limit of tokens to use; empty where the server is not known."""
    server = session.server
    refused = unsupported_parameters(session).keys() & LIMITS.keys()
    profile = server.name if PROFILES.get(server.name) == server else ""
    best = LIMITS[next(iter(refused))] if len(refused) == 1 else _LIMIT_OF_PROFILE.get(profile)
    if best is not None:
        return f"For {server.name} use {'this one' if best == name else best}."
    return f"Both work on {server.name}." if profile in _KNOWS_BOTH else ""


def unsupported_sentence(session: ChatSession, state: ParameterState) -> str:
    """Say that the server does not take a parameter, and what becomes of it; empty if it does."""
    if state.status != "unsupported":
        return ""
    other = LIMITS.get(state.name)
    takes_other = other is not None and other not in unsupported_parameters(session)
    outcome = f"{other} is sent in its place" if takes_other else "it is left out"
    sent = f", so {outcome}" if state.value is not None else ""
    return f"{session.server.name} does not take it{sent}: {state.reason}"


def summary(state: ParameterState, default: str) -> str:
    """Return a parameter in one line, for where there is no page that draws its control."""
    if state.status == "unsupported":
        return f"{state.name} {state.text} (not supported)".replace("  ", " ")
    if state.status == "sent":
        return f"{state.name} {state.text} (sent)"
    return f"{state.name} {default} (default, not sent)" if default else f"{state.name} (not sent)"


@cache
def handbook_title(name: str) -> str:
    """Return the title of the handbook's page about a parameter."""
    return handbook_pages.page(HANDBOOK_PAGES[name]).partition("\n")[0].lstrip("# ")


@cache
def handbook_html(name: str) -> str:
    """Return the handbook's page about a parameter as safe HTML, without its title."""
    return render(handbook_pages.page(HANDBOOK_PAGES[name]).partition("\n")[2])
