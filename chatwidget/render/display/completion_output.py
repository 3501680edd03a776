"""A completion as the value of a cell: the answer, and a line of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chatwidget.chat.answer_metadata import as_json
from chatwidget.client.timing import Timing
from chatwidget.render.display.final_output import FinalOutput

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["completion_bundle"]


def completion_bundle(completion: ChatCompletion) -> dict[str, str]:
    """Return a completion by MIME type, as a cell shows an answer; its text has the facts, too."""
    sent = completion.ledger.sent if completion.ledger is not None else {}
    facts = {
        "model": completion.model,
        "parameters": sent,
        "usage": msgspec.to_builtins(completion.usage),
        "timing": {},  # it does not know how it came
    }
    output = FinalOutput(
        completion,
        Timing(0.0),
        turn_metadata=as_json(facts),
        form="markdown" if completion.parsed is None else "table",
    )
    said = [output.text(), *output.endings(), *output.remarks(), output.footer()]
    return output.bundle() | {"text/plain": "\n\n".join(dict.fromkeys(filter(None, said)))}
