"""Conversations to and from files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from IPython.core.getipython import get_ipython

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import counted
from chatwidget.magic.commands.argument_parsing import required
from chatwidget.magic.commands.command import Theme, say
from chatwidget.persistence.files import own_notebook, path_of, read_text, write_text
from chatwidget.persistence.json_file import read_document, to_document
from chatwidget.persistence.markdown_writer import to_markdown
from chatwidget.persistence.notebook_reader import read_notebook
from chatwidget.persistence.notebook_writer import to_notebook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chatwidget.chat.conversation import Conversation
    from chatwidget.chat.session import ChatSession
    from chatwidget.persistence.json_file import Found

__all__ = ["THEME"]

_KINDS = "FILE.json (all of it), FILE.md (to read) or FILE.ipynb (to run)"


def export(session: ChatSession, rest: str) -> None:
    """Write the conversation, or ``--all``: ``%chat export FILE.json``, ``.md``, ``.ipynb``."""
    words, flags = _split(rest, {"--all", "--force"})
    path = path_of(required(words, f"the name of a file: {_KINDS}", "%chat export chat.json"))
    current = {session.current: session.conversation}
    chosen = session.conversations if "--all" in flags else current
    write_text(path, _written(path, chosen, session.current), force="--force" in flags)
    turns = sum(len(conversation.path()) for conversation in chosen.values())
    versions = sum(len(conversation.turns) for conversation in chosen.values()) - turns
    left = f" Only a .json has the {counted(versions, 'other version')} too."
    say(
        f"{path} has {counted(len(chosen), 'conversation')} with {counted(turns, 'turn')}."
        + (left if versions and path.suffix != ".json" else "")
    )


def import_(session: ChatSession, rest: str) -> None:
    """Read conversations beside those that are there: ``%chat import FILE.json`` or ``.ipynb``."""
    path = path_of(required(rest, "the name of a file", "%chat import chat.json"))
    readers = {".json": read_document, ".ipynb": read_notebook}
    if path.suffix not in readers:
        raise ConfigurationError(
            f"Conversations are read from .json and .ipynb; {path.name} is neither.",
            hint="Markdown is to be read by people; %chat export FILE.json writes all of it.",
        )
    _adopt(session, readers[path.suffix](read_text(path)), path)


def restore(session: ChatSession, rest: str) -> None:
    """After a restart, read the conversations back from this notebook's saved outputs."""
    shell = get_ipython()
    path = path_of(rest) if rest else own_notebook(shell.user_ns if shell else {})
    found = read_notebook(read_text(path))
    saved = time.strftime("%d %B %Y, %H:%M:%S", time.localtime(path.stat().st_mtime))
    _adopt(session, found, path)
    say(f"The notebook was saved on {saved}. If later answers are missing, save it and repeat.")


def _adopt(session: ChatSession, found: Found, path: Path) -> None:
    names = session.adopt(found.conversations, found.current)
    for name, new_name in names.items():
        turns = counted(len(found.conversations[name].turns), "turn")
        other = "" if name == new_name else f", as {new_name}, since there is another {name}"
        say(f"Read {name} with {turns} from {path.name}{other}.")
    say(*found.remarks, f"Questions belong to {session.current} now.")


def _written(path: Path, chosen: Mapping[str, Conversation], current: str) -> str:
    if path.suffix == ".json":
        return to_document(chosen, current)
    if path.suffix == ".md":
        return "\n".join(to_markdown(*item) for item in chosen.items())
    if path.suffix == ".ipynb":
        return to_notebook(chosen)
    raise ConfigurationError(
        f"A conversation is written as .json, .md or .ipynb; {path.name} is none of them.",
        hint=f"Choose {_KINDS}.",
    )


def _split(rest: str, known: set[str]) -> tuple[str, set[str]]:
    """Return a line without the flags that are known, and those of them that it had."""
    words = rest.split(" ")
    return " ".join(word for word in words if word not in known), known & set(words)


THEME = Theme("Conversations to and from files", (export, import_, restore))
