"""The exceptions: everything that can go wrong, as one tree.

::

    ChatWidgetError
    ├── ConfigurationError            the client cannot be set up as asked
    ├── ParameterError                a request parameter has a wrong name, type or value
    └── APIError                      the exchange with the server failed
        ├── APIConnectionError        no answer came
        │   └── APITimeoutError       no answer came in time
        ├── APIStatusError            the server refused, with a status
        │   ├── BadRequestError           400
        │   ├── AuthenticationError       401
        │   ├── PermissionDeniedError     403
        │   ├── NotFoundError             404
        │   ├── ConflictError             409
        │   ├── UnprocessableEntityError  422
        │   ├── RateLimitError            429
        │   └── InternalServerError       500 and above
        ├── StreamError               the server's answer cannot be read, or says it failed
        │   └── StreamInterruptedError    the answer ended before it was complete
        │       └── StoppedError              the user stopped it
        └── ParsingError              the answer is not of the type that was asked for
"""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatwidget.client.wire.rate_limits import RateLimits
    from chatwidget.client.wire.types import ChatCompletion

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ChatWidgetError",
    "ConfigurationError",
    "ConflictError",
    "InternalServerError",
    "NotFoundError",
    "ParameterError",
    "ParsingError",
    "PermissionDeniedError",
    "RateLimitError",
    "StoppedError",
    "StreamError",
    "StreamInterruptedError",
    "UnprocessableEntityError",
    "status_error_class",
]


class ChatWidgetError(Exception):
    """Base of every error that chatwidget raises on purpose.

    Parameters
    ----------
    message
        What happened, as one sentence.
    hint
        What to do next, as one sentence; empty where there is nothing to advise.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        # As objects are copied that are no exceptions: those are called anew with their message.
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined] # typeshed lacks it


class ConfigurationError(ChatWidgetError):
    """The client cannot be set up as asked: an unusable address, key or server name."""


class ParameterError(ChatWidgetError, ValueError):
    """A request parameter has a wrong name, type or value; nothing was sent.

    Parameters
    ----------
    message, hint
        As in `ChatWidgetError`.
    parameter
        The name of the parameter, as it was given.
    """

    def __init__(self, message: str, *, hint: str = "", parameter: str = "") -> None:
        super().__init__(message, hint=hint)
        self.parameter = parameter


class APIError(ChatWidgetError):
    """The exchange with the server failed.

    Attributes
    ----------
    completion
        What had arrived of the answer by then, or None if nothing had.
    retry_after
        The seconds that the server asks to wait before another try, or None.
    should_retry
        Whether the server says that another try makes sense, or None if it says nothing.
    rate_limits
        What the headers of the response say of limits, or None if they say nothing.
    """

    completion: ChatCompletion | None = None
    retry_after: float | None = None
    should_retry: bool | None = None
    rate_limits: RateLimits | None = None


class APIConnectionError(APIError):
    """No answer came: the name is unknown, the connection was refused, lost or not secure.

    Parameters
    ----------
    message, hint
        As in `ChatWidgetError`.
    phase
        What was being done: ``dns``, ``connect``, ``tls``, ``proxy``, ``pool``, ``write`` or
        ``read``.
    """

    def __init__(self, message: str, *, hint: str = "", phase: str = "read") -> None:
        super().__init__(message, hint=hint)
        self.phase = phase


class APITimeoutError(APIConnectionError):
    """No answer came in time, or no more of it."""


class APIStatusError(APIError):
    """The server refused the request with an HTTP status.

    Parameters
    ----------
    message, hint
        As in `ChatWidgetError`.
    status_code
        The HTTP status.
    code, param, type
        The fields of the vendor's error object of the same names, where the server sent them.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        hint: str = "",
        code: str | None = None,
        param: str | None = None,
        type: str | None = None,  # noqa: A002 - the name of the vendor's field
    ) -> None:
        super().__init__(message, hint=hint)
        self.status_code = status_code
        self.code = code
        self.param = param
        self.type = type


class BadRequestError(APIStatusError):
    """400: the server does not accept the request as it is."""


class AuthenticationError(APIStatusError):
    """401: the key is missing or wrong."""


class PermissionDeniedError(APIStatusError):
    """403: the key is right, but not for this."""


class NotFoundError(APIStatusError):
    """404: there is no such model, or no such address."""


class ConflictError(APIStatusError):
    """409: the request collides with another one."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well formed and still refused."""


class RateLimitError(APIStatusError):
    """429: too many requests, or no quota left."""


class InternalServerError(APIStatusError):
    """500 and above: the server failed."""


class StreamError(APIError):
    """The server's answer cannot be read, or it says in mid-stream that it failed.

    Parameters
    ----------
    message, hint
        As in `ChatWidgetError`.
    code, param, type
        The fields of the server's error object of the same names, where it sent one.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str | None = None,
        param: str | None = None,
        type: str | None = None,  # noqa: A002 - the name of the vendor's field
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.param = param
        self.type = type


class StreamInterruptedError(StreamError):
    """The answer ended before it was complete; `completion` holds what had arrived."""


class StoppedError(StreamInterruptedError):
    """The user stopped the answer; a sink hears of it, the caller sees the interrupt itself."""


class ParsingError(APIError):
    """The answer came, and is not of the type that was asked for; `completion` holds its text."""


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}
_FIRST_SERVER_ERROR = 500


def status_error_class(status_code: int) -> type[APIStatusError]:
    """Return the class of error that an HTTP status stands for."""
    if status_code >= _FIRST_SERVER_ERROR:
        return InternalServerError
    return _BY_STATUS.get(status_code, APIStatusError)
