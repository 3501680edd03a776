"""The configuration of a request: who is asked, and with what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chatwidget.chat.answer_metadata import as_json
from chatwidget.client.auth.servers import find_server
from chatwidget.client.request.output_type import parser
from chatwidget.client.request.parameters import validate_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.client.auth.servers import Server

__all__ = ["RequestConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestConfig:
    """Everything that a request is made of beside its messages; it never changes.

    A cell's flags, a preset, a pasted request and the session's settings are all of them one of
    these. `validated` is the door: its values are checked there, and nowhere later.

    Attributes
    ----------
    server
        Where it goes; None leaves that to whatever it is laid over.
    model
        The model; empty for the server's own choice, or for that of whatever it is laid over.
    system
        The system message; empty for none, None as above.
    parameters
        The request parameters that are sent, by name.
    extra_body
        Fields of the request that are no parameters of the vendor.
    """

    server: Server | None = None
    model: str = ""
    system: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def validated(
        cls,
        parameters: Mapping[str, object] | None = None,
        *,
        server: str | Server | None = None,
        model: str | None = None,
        system: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> RequestConfig:
        """Return a configuration whose values were checked.

        Raises
        ------
        ParameterError
            If a parameter has a wrong name, type or value.
        ConfigurationError
            If there is no such server.
        """
        return cls(
            server=None if server is None else find_server(server),
            model=model or "",
            system=system,
            parameters=_valid(parameters or {}),
            extra_body=dict(extra_body or {}),
        )

    @classmethod
    def of(
        cls,
        *,
        server: str | Server | None = None,
        model: str | None = None,
        system: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        **parameters: object,
    ) -> RequestConfig:
        """Return the same as `validated`, with the parameters as keywords."""
        return cls.validated(
            parameters, server=server, model=model, system=system, extra_body=extra_body
        )

    def over(self, base: RequestConfig) -> RequestConfig:
        """Return another configuration with what this one says laid over it."""
        server = self.server or base.server
        inherited = base.model if server == base.server else ""
        return RequestConfig(
            server=server,
            model=self.model or inherited,
            system=base.system if self.system is None else self.system,
            parameters={**base.parameters, **self.parameters},
            extra_body={**base.extra_body, **self.extra_body},
        )

    def with_parameters(self, **parameters: Any) -> RequestConfig:
        """Return it with more parameters, which were checked before."""
        return replace(self, parameters={**self.parameters, **parameters})

    def without(self, parameter: str) -> RequestConfig:
        """Return it with a parameter that is not sent."""
        rest = {name: value for name, value in self.parameters.items() if name != parameter}
        return replace(self, parameters=rest)

    def key(self) -> dict[str, Any]:
        """Return what an answer depends on, as JSON: two requests alike have the same."""
        server = self.server.name if self.server is not None else ""
        default = self.server.default_model if self.server is not None else None
        return as_json(
            {
                "server": server,
                "model": self.model or default or "",
                "system": self.system or "",
                "parameters": dict(self.parameters),
                "extra_body": dict(self.extra_body),
            }
        )


def _valid(parameters: Mapping[str, object]) -> dict[str, Any]:
    """Check parameters; a type as the format of the answer stays one until its schema is sent."""
    form = parameters.get("response_format")
    if form is None or parser(form) is None:
        return validate_parameters(parameters)
    return validate_parameters({**parameters, "response_format": None}) | {"response_format": form}
