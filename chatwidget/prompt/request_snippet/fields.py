"""The fields of a request's body as a configuration: what every form is read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.auth.servers import ENDPOINT, PROFILES, default_server, find_server
from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.request.body import encode_body
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.prompt.request_snippet.sending import is_key

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server

__all__ = [
    "ENDPOINT",
    "adoptable_extra_body",
    "config_of",
    "instructions",
    "no_request",
    "server_at",
    "validated_config",
]

_OWN = ("messages", "model", "stream")
_SYSTEM = ("system", "developer")


def config_of(fields: Mapping[str, Any], server: str | Server | None = None) -> RequestConfig:
    """Return the configuration that the fields of a body say.

    Those that are no parameters go to extra_body. Of the messages, only what the system says is
    taken; ``stream`` is left out, as whoever sends it decides that.

    Raises
    ------
    ParameterError, ConfigurationError
        If it cannot be used.
    """
    inner = fields.get("extra_body") or {}
    if not isinstance(inner, Mapping):
        raise _wrong("extra_body", "a dictionary of fields", inner)
    _check_extra_body(inner)
    outer = {name: fields[name] for name in fields if name not in (*_OWN, "extra_body")}
    rest = {**outer, **inner}
    return validated_config(
        RequestConfig.validated(
            {name: value for name, value in rest.items() if name in PARAMETERS},
            server=server,
            model=_model(fields.get("model")),
            system=_system(instructions(fields.get("messages"))) or None,
            extra_body={name: value for name, value in rest.items() if name not in PARAMETERS},
        )
    )


def adoptable_extra_body(fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the other fields of somebody's request that settings may have, and the rest's names.

    They may not say what is asked of which model, and hold no keys.
    """
    kept = {name: it for name, it in fields.items() if name not in _OWN and not is_key(name)}
    return kept, [name for name in fields if name not in kept]


def validated_config(config: RequestConfig) -> RequestConfig:
    """Return a configuration without keys, if it can be sent and replaces nothing but its own.

    Raises
    ------
    ParameterError
        If it cannot be used.
    """
    _check_extra_body(config.extra_body)
    told = {name: value for name, value in config.extra_body.items() if not is_key(name)}
    encode_body({"model": config.model, "system": config.system, **config.parameters, **told})
    return replace(config, extra_body=told)


def instructions(messages: object) -> object:
    """Return the content of the first message of the system or the developer, or None."""
    for message in messages if isinstance(messages, list | tuple) else ():
        if isinstance(message, Mapping) and message.get("role") in _SYSTEM:
            return message.get("content")
    return None


def server_at(address: str) -> Server:
    """Return the server at an address, with or without the path of its chat completions.

    One that a profile knows is that of the profile, as its key belongs there.

    Raises
    ------
    ConfigurationError
        If it cannot be used.
    """
    server = find_server(address)
    if server == default_server():
        return server
    known = (each for each in PROFILES.values() if each.url() == server.url())
    return next(known, server)


def no_request() -> ConfigurationError:
    """Return what is raised for a text of no known form."""
    return ConfigurationError(
        "This is neither a %%chat line nor a call of create_chat_completion or of the vendor's "
        "client, nor a curl command, a JSON body or a dictionary.",
        hint="Paste a line such as %%chat -t 0.2 --top-p 0.9.",
    )


def _check_extra_body(fields: Mapping[Any, Any]) -> None:
    for name in fields:
        if not isinstance(name, str):
            raise _wrong("extra_body", "texts as the names of its fields", name)
        if name in _OWN:
            raise ParameterError(
                f"extra_body would replace {name}.",
                hint=f"Leave {name} out of it.",
                parameter=name,
            )


def _model(model: object) -> str:
    if isinstance(model, str | None):
        return model or ""
    raise _wrong("model", "a text", model)


def _system(content: object) -> str:
    """Return what the system says; of content in parts, the texts."""
    if isinstance(content, str | None):
        return content or ""
    parts = content if isinstance(content, list | tuple) else [None]
    texts = [each.get("text") if isinstance(each, Mapping) else None for each in parts]
    if all(isinstance(text, str) for text in texts):
        return "\n".join(filter(None, texts))
    raise _wrong("messages", "a text, or parts of text, from the system", content)


def _wrong(name: str, wanted: str, value: object) -> ParameterError:
    return ParameterError(
        f"{name} takes {wanted}; got {type(value).__name__}.",
        hint="Nothing was changed.",
        parameter=name,
    )
