"""A conversation as a notebook that runs: each turn is a cell, its answer the cell's output."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.chat.turn_metadata import turn_metadata
from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import ChatCompletion, Choice, CompletionUsage
from chatwidget.persistence.cell_source import source_of, untold
from chatwidget.render.display.final_output import FinalOutput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.chat.conversation import Conversation, Turn

__all__ = ["to_notebook"]

_CELL_ID = re.compile(r"[-\w]{1,64}", re.ASCII)
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def to_notebook(conversations: Mapping[str, Conversation]) -> str:
    """Return a notebook with the turns of each conversation's current path."""
    cells = [_cell("load-chatwidget", "%load_ext chatwidget", [])]
    taken = {"load-chatwidget"}
    for name, conversation in conversations.items():
        for turn in conversation.path():
            own = turn.cell_id or ""
            cell_id = own if _CELL_ID.fullmatch(own) and own not in taken else turn.id
            taken.add(cell_id)
            source = source_of(turn, name)
            cells.append(_cell(cell_id, source, [_output(turn, name, source)]))
    document = {
        "cells": cells,
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _cell(cell_id: str, source: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": {},
        "outputs": outputs,
        "source": _lines(source),
    }


def _output(turn: Turn, name: str, source: str) -> dict[str, Any]:
    metadata = turn_metadata(name, turn, prompt=untold(turn.prompt, source), with_files=True)
    bundle = _final_output(turn).bundle()
    return {
        "data": {kind: _lines(text) for kind, text in bundle.items()},
        "metadata": {"chatwidget": turn.facts | metadata},
        "output_type": "display_data",
    }


def _final_output(turn: Turn) -> FinalOutput:
    facts, timing = turn.facts, turn.facts.get("timing", {})
    choices = [Choice(number, answer) for number, answer in enumerate(turn.answers)]
    if turn.status == "complete" and choices:
        choices[0].finish_reason = facts.get("finish_reason")
    usage = facts.get("usage")
    return FinalOutput(
        ChatCompletion(
            choices=choices,
            model=facts.get("model") or "",
            usage=msgspec.convert(usage, CompletionUsage) if usage else None,
        ),
        Timing(timing.get("total_s") or 0.0, timing.get("first_token_s")),
        server=facts.get("server") or "",
        status=turn.status,
        remark={"stopped": "Stopped.", "failed": "The answer broke off."}.get(turn.status, ""),
    )


def _lines(text: str) -> list[str]:
    """Return text as notebooks hold it: a list of lines, each with its end."""
    return text.splitlines(keepends=True)
