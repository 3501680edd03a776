"""Reading what stands behind a subcommand, with errors that say what was expected."""

from __future__ import annotations

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.parameters import PARAMETERS, Parameter, unknown_parameter

__all__ = ["parameter_named", "required"]

_COMMANDS = {
    "model": "%chat model NAME chooses the model.",
    "server": "%chat use SERVER chooses the server.",
    "system": "%chat system TEXT sets the system message.",
}
"""What is no request parameter of the table, and how it is set."""


def required(rest: str, what: str, example: str) -> str:
    """Return the rest of a line, which may not be empty.

    Raises
    ------
    ConfigurationError
        If it is empty.
    """
    if not rest:
        raise ConfigurationError(f"The command takes {what}.", hint=f"As in {example}.")
    return rest


def parameter_named(name: str) -> Parameter:
    """Return a request parameter.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    name = name.replace("-", "_")
    if name in PARAMETERS:
        return PARAMETERS[name]
    hint = did_you_mean(name, PARAMETERS, "%%chat --help lists them.")
    raise unknown_parameter(name, _COMMANDS.get(name, hint))
