"""The base class of the synchronous and the asynchronous client: all that is no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from chatwidget.client.auth.keys import (
    ApiKey,
    key_from_environment,
    saved_key,
    secret_headers,
)
from chatwidget.client.auth.servers import find_server
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import ConfigurationError, StreamError
from chatwidget.client.forks import call_in_children
from chatwidget.client.limits import Limits
from chatwidget.client.pace.registry import pace_of
from chatwidget.client.request.body import request_body
from chatwidget.client.request.fallback import ParameterFallback
from chatwidget.client.request.output_type import parser
from chatwidget.client.request.prefill import CONTINUING, with_prefill
from chatwidget.client.request.prepared import PreparedRequest
from chatwidget.client.request.unsupported import shared_unsupported_parameters
from chatwidget.client.transport.http import check_http_client
from chatwidget.client.transport.http_errors import redact_error
from chatwidget.client.transport.httpx_internals import leave_connections, warn_if_unverified
from chatwidget.client.transport.retry import RetryPolicy
from chatwidget.client.wire.decode import decode_models
from chatwidget.client.wire.redactor import redact_values

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from chatwidget.client.auth.servers import Server
    from chatwidget.client.pace.pace import Pace
    from chatwidget.client.request.prepared import CallOptions, RequestPreview
    from chatwidget.client.request.unsupported import UnsupportedParameters
    from chatwidget.client.wire.types import Messages, Model

__all__ = ["BaseChatClient", "bound_key", "call_headers"]


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = frozenset({"authorization", "content-type", "content-length", "host", "transfer-encoding"})


def call_headers(
    organization: str | None = None,
    project: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers that name who pays, and those that the user adds.

    Raises
    ------
    ConfigurationError
        If a name or a value cannot be sent (RFC 9110, section 5), or is the client's to set. What
        the value is does not show: it may be a secret.
    """
    if not isinstance(extra or {}, Mapping):
        raise ConfigurationError("extra_headers takes a dictionary of texts.")
    paying = {"OpenAI-Organization": organization, "OpenAI-Project": project}
    headers = {name: value for name, value in paying.items() if value} | dict(extra or {})
    for name, value in headers.items():
        _check(name, value)
    return headers


def _check(name: object, value: object) -> None:
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        raise ConfigurationError(f"{name!r} is no name of a header.")
    if name.lower() in _OURS:
        raise ConfigurationError(
            f"The header {name} is set by the client.",
            hint="A key is given as openai_api_key.",
        )
    if not isinstance(value, str) or not (value.isascii() and value.isprintable()):
        raise ConfigurationError(f"The header {name} holds characters that cannot be sent.")


class BaseChatClient:
    """What both clients share: the server, its key, and the building of calls.

    Parameters
    ----------
    server
        The name of a profile (``practice``, ``openai``, ``ollama``, ``lm-studio``, ``llama.cpp``,
        ``vllm``), an address such as ``http://127.0.0.1:8000/v1``, or a `Server`. By default the
        one that ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` name, else the practice model.
    openai_api_key
        The key; by default the one in the environment variable of the server's profile.
    openai_organization_key, openai_project
        The organisation and the project that pay.
    http_client
        A client of httpx or httpx2 to send with; it stays yours to close. One that checks no
        certificates is used with a warning.
    timeout
        How long to wait: seconds for a whole answer, or `Deadlines` for each clock.
    retries
        When a request that failed is sent again: how often at most, or a `RetryPolicy`.
    limits
        How large an answer may be, and how many connections there are at most.
    refusals
        Where it is remembered which parameters servers refuse; by default in the user's data
        directory. ``UnsupportedParameters()`` remembers nothing from one session to the next.

    Raises
    ------
    ConfigurationError
        If the server, the key or the HTTP client cannot be used.
    """

    _asynchronous: ClassVar[bool]

    def __init__(
        self,
        server: str | Server | None = None,
        *,
        openai_api_key: str | ApiKey | None = None,
        openai_organization_key: str | None = None,
        openai_project: str | None = None,
        http_client: Any = None,
        timeout: float | Deadlines | None = None,
        retries: int | RetryPolicy | None = None,
        limits: Limits | None = None,
        refusals: UnsupportedParameters | None = None,
    ) -> None:
        try:
            self.server = find_server(server)
            self._key: ApiKey | None = None
            if openai_api_key is not None:
                self.use_key(openai_api_key)
        finally:
            # A traceback that shows locals must find no key here.
            del openai_api_key
        if http_client is not None:
            check_http_client(http_client, asynchronous=self._asynchronous)
            warn_if_unverified(http_client, self.server)
        self._organization = openai_organization_key
        self._project = openai_project
        self._deadlines = Deadlines() if timeout is None else Deadlines.of(timeout)
        self._retries = RetryPolicy.of(retries)
        self._limits = limits or Limits()
        self._unsupported_parameters = refusals
        self._http: Any = http_client
        self._owns_http = http_client is None
        call_in_children(self._leave_connections)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.server.name!r}, key={self.key!r})"

    def _leave_connections(self) -> None:
        """Begin anew in a forked process: two readers of a connection take each other's answers."""
        leave_connections(self._http)
        if self._owns_http:
            self._http = None

    def use_key(self, openai_api_key: str | ApiKey) -> None:
        """Use another key from now on.

        Raises
        ------
        ConfigurationError
            If the key cannot be used, or belongs to another server.
        """
        try:
            self._key = bound_key({"openai_api_key": openai_api_key}, self.server)
        finally:
            del openai_api_key

    def forget_key(self) -> None:
        """Use the key that was given no longer."""
        self._key = None

    @property
    def key(self) -> ApiKey | None:
        """The key that was given, else the environment's, else the saved one, else None."""
        server = self.server
        if self._key is not None or server.transport is not None:
            return self._key
        named = server.key_variable and key_from_environment(
            server.key_variable, origin=server.origin
        )
        return named or saved_key(server.origin)

    def pace(self, model: str | None = None) -> Pace:
        """Return the pace of a model, which all that asks this server with this key shares."""
        return pace_of(self.server, self.key, model or self.server.default_model or "")

    @property
    def unsupported_parameters(self) -> UnsupportedParameters:
        """What servers are known not to support; after ``forget()`` they are asked again."""
        return self._unsupported_parameters or shared_unsupported_parameters()

    @property
    def refusals(self) -> UnsupportedParameters:
        """The same as `unsupported_parameters`, by its first name."""
        return self.unsupported_parameters

    def draft(
        self, messages: Messages, model: str | None = None, **options: Unpack[CallOptions]
    ) -> RequestPreview:
        """Return the request that a call would stream its answer with, and send nothing.

        It takes what ``create_chat_completion`` takes, but for `stream` and `stream_to`.

        Raises
        ------
        ParameterError, ConfigurationError
            As in ``create_chat_completion``.
        """
        return self._request(messages, model, options, stream=True).preview()

    def _request(
        self, messages: Messages, model: str | None, options: CallOptions, *, stream: bool
    ) -> ParameterFallback:
        key = bound_key(options, self.server) or self.key
        extra: Mapping[str, str] | None = None
        if options.get("extra_headers") is not None:
            key, extra = self._with_headers(key, options)
        headers = call_headers(
            options.pop("openai_organization_key", None) or self._organization,
            options.pop("openai_project", None) or self._project,
            extra,
        )
        extra_body = options.pop("extra_body", None)
        prefill = options.pop("prefill", None)
        if prefill is not None:
            messages = with_prefill(messages, prefill, options.get("n"))
            extra_body = {**CONTINUING, **(extra_body or {})}
        timeout = options.pop("timeout", None)
        form = options.get("response_format")
        model = model or self.server.default_model
        if not model:
            raise ConfigurationError(
                f"No model is chosen, and {self.server.name} has no default one.",
                hint="Name one: list_models() tells which there are.",
            )
        prepared = PreparedRequest(
            server=self.server,
            key=key,
            path="chat/completions",
            body=None,
            headers=headers,
            deadlines=self._deadlines if timeout is None else Deadlines.of(timeout),
            limits=self._limits,
            parse=parser(form) if form is not None else None,
            prefill=prefill,
        )
        return ParameterFallback(
            prepared,
            request_body(
                messages,
                model,
                options,
                stream=stream,
                extra_body=extra_body,
                origin=self.server.origin,
                baseline=self.server.baseline,
            ),
            self.unsupported_parameters,
            asked=[name for name, value in options.items() if value is not None],
            fixed=extra_body or (),
            baseline=self.server.baseline,
        )

    def _with_headers(
        self, key: ApiKey | None, options: CallOptions
    ) -> tuple[ApiKey | None, Mapping[str, str]]:
        """Take the headers out of a call's options; those that are keys go beside the key."""
        hide_headers(options, self.server)
        given: Mapping[str, Any] = options.pop("extra_headers", None) or {}
        keys = [value for value in given.values() if isinstance(value, ApiKey)]
        if keys:
            key = key.beside(keys) if key is not None else keys[0].beside(keys[1:])
        return key, {name: each for name, each in given.items() if not isinstance(each, ApiKey)}

    def _models_request(self) -> PreparedRequest:
        headers = call_headers(self._organization, self._project)
        return PreparedRequest(
            self.server, self.key, "models", None, headers, self._deadlines, self._limits
        )

    @staticmethod
    def _models(body: bytes, prepared: PreparedRequest) -> list[Model]:
        try:
            models = decode_models(body)
        except StreamError as error:
            # A server may echo the key, and a traceback may show locals.
            del body
            raise redact_error(error, prepared.key) from None
        if finder := prepared.key and prepared.key.finder(in_answers=True):
            redact_values(models, finder)
        return models


def hide_headers(options: CallOptions, server: Server) -> None:
    """Put keys into a call's options in place of the headers that look like secrets.

    Raises
    ------
    ConfigurationError
        If they are no headers, or a secret among them cannot be sent.
    """
    given = options.get("extra_headers")
    if isinstance(given, Mapping):
        options["extra_headers"] = secret_headers(given, server.origin)
    elif given is not None:
        raise ConfigurationError("extra_headers takes a dictionary of texts.")


def bound_key(options: CallOptions, server: Server) -> ApiKey | None:
    """Take the key out of a call's options, bound to the server.

    Raises
    ------
    ConfigurationError
        If it cannot be used, or belongs to another server.
    """
    if isinstance(options.get("openai_api_key"), str):
        return ApiKey(
            str(options.pop("openai_api_key")), origin=server.origin, source="openai_api_key="
        )
    key = options.pop("openai_api_key", None)
    if isinstance(key, ApiKey) and key.origin == server.origin:
        return key
    if key is None:
        return None
    given = key if isinstance(key, ApiKey) else type(key)
    # A traceback that shows locals must find nothing here.
    del key
    raise ConfigurationError(
        f"{given} is no key for {server.origin}.", hint="Give the key of this server, as a text."
    )
