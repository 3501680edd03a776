"""The pages of the handbook, and the list of the commands."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Page", "explained", "in_brief", "overview", "page", "topics"]


@dataclass(frozen=True, repr=False)
class Page:
    """Markdown of our own: formatted in a notebook, as it is in a terminal."""

    data: str

    def __repr__(self) -> str:
        return self.data

    def _repr_markdown_(self) -> str:
        return self.data


def topics() -> list[str]:
    """Return the pages of the handbook by their names."""
    pages = files("chatwidget.handbook").iterdir()
    return sorted(page.name.removesuffix(".md") for page in pages if page.name.endswith(".md"))


def page(topic: str) -> str:
    """Return the page whose name is nearest to a topic.

    Raises
    ------
    ConfigurationError
        If none is near.
    """
    near = difflib.get_close_matches(topic.replace(" ", "-"), topics(), n=1, cutoff=0.3)
    if not near:
        raise ConfigurationError(
            f"The handbook has no page {topic!r}.", hint=f"It has {', '.join(topics())}."
        )
    return files("chatwidget.handbook").joinpath(f"{near[0]}.md").read_text("utf-8")


def overview(themes: Mapping[str, Mapping[str, object]]) -> str:
    """Return the list of the commands under their headings, and of all pages, as Markdown."""
    listed = ", ".join(f"`{topic}`" for topic in topics())
    return "\n".join(
        [
            "# What %chat can do",
            *(_theme(heading, commands) for heading, commands in themes.items()),
            f"\nPages of the handbook, for `%chat help TOPIC`: {listed}.",
            "\nThe flags of a cell are explained by `%%chat --help`.",
        ]
    )


def explained(name: str, command: object) -> str:
    """Return what a command does, as Markdown."""
    what = (command.__doc__ or "").partition("\n")[0].replace("``", "`")
    return f"`%chat {name}`: {what}"


def in_brief(command: object) -> str:
    """Return what a command does in a few words, without its examples."""
    return re.split("[:;.]", command.__doc__ or "", maxsplit=1)[0]


def _theme(heading: str, commands: Mapping[str, object]) -> str:
    lines = [f"- {explained(name, command)}" for name, command in commands.items()]
    return "\n".join([f"\n## {heading}\n", *lines])
