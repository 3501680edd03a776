"""The kinds of controls for parameters that are more than one value; and which kind fits which.

The number of a token and its text are looked up where a server's tokenizer is known.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

from chatwidget.chat.value_text import name_of, tool_name
from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.errors import ParameterError
from chatwidget.panel.control_inputs import (
    BiasInput,
    Check,
    ChecksInput,
    ControlInput,
    FormatInput,
    TokenBias,
)
from chatwidget.panel.control_kinds import (
    ControlKind,
    JsonKind,
    NumberKind,
    SwitchKind,
    TextKind,
    TextsKind,
    as_indented_json,
    read_json,
)
from chatwidget.panel.control_messages import ControlBias, ControlCheck, ControlFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.chat.session import ChatSession
    from chatwidget.client.request.parameters import Parameter
    from chatwidget.panel.control_messages import ControlAction
    from chatwidget.practice.tokenizer import Tokenizer

__all__ = ["BiasKind", "FormatKind", "ModalitiesKind", "ToolsKind", "kind_of"]


def token_id(session: ChatSession, text: str) -> int:
    """Return the number of the token that a text is.

    Raises
    ------
    LookupError
        If the text is no single token, or nobody here knows the tokenizer of the server.
    """
    tokenizer = _tokenizer(session)
    if tokenizer is None:
        name = session.server.name
        raise LookupError(f"The tokens of {name} are not known here: give the token's id.")
    tokens = tokenizer.encode(text)
    if len(tokens) != 1:
        raise LookupError(f"{text!r} is {len(tokens)} tokens; a bias is given to one.")
    return tokens[0]


def token_text(session: ChatSession, token: str) -> str:
    """Return the text of the token that a number stands for; empty if that is not known here."""
    tokenizer = _tokenizer(session)
    if tokenizer is None or not token.isdecimal() or int(token) >= len(tokenizer):
        return ""
    text = tokenizer.label(int(token))
    return text if text.isprintable() else repr(text)[1:-1]


def _tokenizer(session: ChatSession) -> Tokenizer | None:
    server = session.server
    if server != PROFILES["practice"]:
        return None
    from chatwidget.practice.model import load_models  # noqa: PLC0415 - trains when first used

    name = session.model or server.default_model or ""
    model = load_models().get(session.aliases.get(name, name))
    return model.tokenizer if model is not None else None


_NO_FUNCTIONS = "No functions yet: define one with a docstring in a cell, then ↻"
_JSON = {"type": "json_object"}
_EXAMPLE_SCHEMA = {
    "name": "answer",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
}


class ModalitiesKind(ControlKind):
    """The kinds of output, of which any number is chosen."""

    start = ("text",)

    def input(self, value: Any) -> ControlInput:
        """Return those that there are, and what else code has chosen."""
        chosen = list(value or ())
        names = dict.fromkeys(["text", "audio", *chosen])
        return ChecksInput([Check(name, checked=name in chosen) for name in names])

    def chosen(self, action: ControlAction, value: Any) -> object:
        """Return what is chosen now; if nothing is, nothing is sent."""
        if isinstance(action, ControlCheck):
            rest = [name for name in value or () if name != action.name]
            return [*rest, action.name] if action.checked else rest or None
        return super().chosen(action, value)


class ToolsKind(ControlKind):
    """The functions that the model may ask for.

    Parameters
    ----------
    namespace
        The user's variables.
    """

    def __init__(self, parameter: Parameter, namespace: Mapping[str, object]) -> None:
        super().__init__(parameter)
        self._namespace = namespace

    def input(self, value: Any) -> ControlInput:
        """Return the functions that were written in this notebook; what is described stays."""
        functions = self._functions()
        chosen = [tool_name(tool) for tool in value or () if callable(tool)]
        checks = [
            Check(name, _first_line(function), name in chosen)
            for name, function in functions.items()
        ]
        others = [name for name in map(tool_name, value or ()) if name not in functions]
        return ChecksInput(checks, others, _NO_FUNCTIONS, look=True)

    def chosen(self, action: ControlAction, value: Any) -> object:
        """Return what is chosen now; if nothing is, nothing is sent."""
        if not isinstance(action, ControlCheck):
            return super().chosen(action, value)
        functions = self._functions()
        rest = [tool for tool in value or () if tool_name(tool) != action.name]
        if action.checked and action.name in functions:
            return [*rest, functions[action.name]]
        return rest or None

    def _functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions that were written in this notebook, by their names."""
        found = {
            name: value
            for name, value in dict(self._namespace).items()
            if inspect.isfunction(value)
            and value.__module__ == "__main__"
            and value.__name__ == name
            and not name.startswith("_")
        }
        return dict(sorted(found.items()))


class FormatKind(ControlKind):
    """The format of the answer: text, JSON, or JSON of a schema that is written below."""

    start = _JSON

    def input(self, value: Any) -> ControlInput:
        """Return the format and its schema."""
        if value is None:
            return FormatInput()
        if not isinstance(value, dict):
            return FormatInput("type", type=name_of(value))
        schema = value.get("json_schema")
        return FormatInput(value.get("type"), "" if schema is None else as_indented_json(schema))

    def chosen(self, action: ControlAction, value: Any) -> object:
        """Return the format; the first schema is an example to change."""
        if not isinstance(action, ControlFormat):
            return super().chosen(action, value)
        if action.format != "json_schema":
            return {"type": action.format}
        known = value.get("json_schema") if isinstance(value, dict) else None
        return {"type": action.format, "json_schema": known or _EXAMPLE_SCHEMA}

    def read(self, text: str) -> object:
        """Read a schema; one that comes without its name is given one."""
        schema = read_json(text)
        if not isinstance(schema, dict):
            raise ParameterError("A JSON schema is an object, in braces.")
        named = schema if "schema" in schema else {"name": "answer", "schema": schema}
        return {"type": "json_schema", "json_schema": named}


class BiasKind(ControlKind):
    """Tokens, and what is added to the logit of each.

    Parameters
    ----------
    token_id
        Returns the number of the token that a text is; it raises a LookupError, in words for the
        user, if that is not known.
    token_text
        Returns the text of a token; empty if that is not known.
    """

    def __init__(
        self,
        parameter: Parameter,
        token_id: Callable[[str], int],
        token_text: Callable[[str], str],
    ) -> None:
        super().__init__(parameter)
        self._token_id = token_id
        self._token_text = token_text

    def input(self, value: Any) -> ControlInput:
        """Return a row for each token."""
        rows = [
            TokenBias(token, self._token_text(token), amount)
            for token, amount in (value or {}).items()
        ]
        return BiasInput(rows, "Token, or its id")

    def chosen(self, action: ControlAction, value: Any) -> object:
        """Return the tokens with one more, or one less; if none is left, nothing is sent."""
        if not isinstance(action, ControlBias):
            return super().chosen(action, value)
        text = action.token
        token = text.strip() if text.strip().isdecimal() else str(self._token_id(text))
        if action.amount is None:
            return {name: each for name, each in (value or {}).items() if name != token} or None
        return {**(value or {}), token: action.amount}


_NAMED: dict[str, type[ControlKind]] = {
    "stop": TextsKind,
    "response_format": FormatKind,
    "modalities": ModalitiesKind,
}
_PLAIN: dict[str, type[ControlKind]] = {
    "number": NumberKind,
    "integer": NumberKind,
    "boolean": SwitchKind,
    "string": TextKind,
}


def kind_of(
    session: ChatSession, parameter: Parameter, namespace: Mapping[str, object]
) -> ControlKind:
    """Return a new control for a parameter.

    Parameters
    ----------
    session
        Whose server's tokens are looked up.
    parameter
        The parameter.
    namespace
        The user's variables, where functions are found.
    """
    if parameter.name == "tools":
        return ToolsKind(parameter, namespace)
    if parameter.name == "logit_bias":
        return BiasKind(parameter, partial(token_id, session), partial(token_text, session))
    plain = _PLAIN.get(parameter.kinds[0], JsonKind)
    return _NAMED.get(parameter.name, plain)(parameter)


def _first_line(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0] or "It has no docstring."
