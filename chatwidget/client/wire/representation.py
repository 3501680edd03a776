"""How an answer shows itself in a notebook, and its film: what makes them is registered from above.

The wire types know of no display; whoever does gives a function that is loaded when it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "draw_completions_by",
    "draw_films_by",
    "film_completions_by",
    "film_mime_bundle",
    "film_of",
    "mime_bundle",
]

_Load: TypeAlias = "Callable[[], Callable[[Any], dict[str, str]]]"

_loaders: list[_Load] = []
_film_drawers: list[_Load] = []
_film_loaders: list[Callable[[], Callable[..., Any]]] = []


def draw_completions_by(load: _Load) -> None:
    """Let what a function loads draw completions, in place of what did before."""
    _loaders[:] = [load]


def mime_bundle(completion: object) -> dict[str, str] | None:
    """Return a completion by MIME type; None if nothing draws it."""
    return _loaders[0]()(completion) if _loaders else None


def film_completions_by(load: Callable[[], Callable[..., Any]]) -> None:
    """Let what a function loads make the films of completions, in place of what did before."""
    _film_loaders[:] = [load]


def film_of(completion: object, *arguments: Any, **options: Any) -> Any:
    """Return the film of a completion."""
    return _film_loaders[0]()(completion, *arguments, **options)


def draw_films_by(load: _Load) -> None:
    """Let what a function loads draw films, in place of what did before."""
    _film_drawers[:] = [load]


def film_mime_bundle(film: object) -> dict[str, str] | None:
    """Return a film by MIME type; None if nothing draws it."""
    return _film_drawers[0]()(film) if _film_drawers else None
