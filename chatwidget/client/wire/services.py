"""What an answer and a film can do beyond the wire: whoever can do it is registered from above.

The wire types know of no display and no study; a function that is called when one of these is first
needed returns what does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Service", "mime_bundle", "provide", "serve"]

Service: TypeAlias = Literal["answer output", "film output", "film", "tokens", "fork"]
"""Drawing an answer or a film by MIME type; the film, the tokens, a fork of an answer."""

_loaders: dict[Service, Callable[[], Callable[..., Any]]] = {}


def provide(service: Service, load: Callable[[], Callable[..., Any]]) -> None:
    """Let what a function loads do this, in place of what did before."""
    _loaders[service] = load


def serve(service: Service, *arguments: Any, **options: Any) -> Any:
    """Do it."""
    return _loaders[service]()(*arguments, **options)


def mime_bundle(service: Service, value: object) -> dict[str, str] | None:
    """Return a value by MIME type; None if nothing draws it."""
    return serve(service, value) if service in _loaders else None
