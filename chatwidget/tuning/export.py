"""The answers of a study as records, a data frame, CSV and lines of JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.measures import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chatwidget.tuning.result import Failure, Result
    from chatwidget.tuning.scoring import Score

__all__ = ["csv_text", "frame", "jsonl_text", "records", "write"]

_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def records(
    results: Sequence[Result], scores: Sequence[Score], failures: Sequence[Failure] = ()
) -> list[dict[str, Any]]:
    """Return a dictionary for each answer, all with the same keys.

    Those are the names that vary, the columns of the data, and then ``item``, ``run``, ``prompt``,
    ``model`` and ``score``, as evalstats names them, ``text``, and what was counted and timed. With
    failures there is ``error``, too. Where names meet, ours win.
    """
    rows = [_of_result(*each) for each in zip(results, scores, strict=True)]
    if failures:
        rows = [row | {"error": None} for row in rows] + [_of_failure(each) for each in failures]
    keys = dict.fromkeys(key for row in rows for key in row)
    return [{key: row.get(key) for key in keys} for row in rows]


def frame(rows: Sequence[dict[str, Any]]) -> Any:
    """Return records as a data frame of pandas."""
    try:
        pandas = import_module("pandas")
    except ImportError:
        raise ConfigurationError(
            "A data frame needs pandas, which is not installed.",
            hint="Install it with %pip install pandas.",
        ) from None
    return pandas.DataFrame.from_records(list(rows))


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return records as CSV, in which a spreadsheet finds no formulas.

    A text that a spreadsheet would compute, such as ``=1+1``, begins with an apostrophe.
    """
    written = io.StringIO()
    columns = list(rows[0]) if rows else []
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(map(_csv_cell, columns))
    table.writerows(map(_csv_cell, row.values()) for row in rows)
    return written.getvalue()


def jsonl_text(rows: Iterable[dict[str, Any]]) -> str:
    """Return records as lines of JSON."""
    return "".join(f"{json.dumps(_json(row), default=str, allow_nan=False)}\n" for row in rows)


def write(text: str, path: str | Path | None) -> str | None:
    """Write a text to a file and return nothing; without a path return the text."""
    if path is None:
        return text
    Path(path).expanduser().write_text(text, "utf-8", "backslashreplace", newline="")
    return None


def _of_result(result: Result, score: Score) -> dict[str, Any]:
    usage = result.usage
    varied = result.setting.values
    return {
        **result.variables,
        **varied,
        "item": result.item,
        "run": result.draw,
        "prompt": result.prompt,
        "model": varied.get("model", result.model),
        "score": int(score) if isinstance(score, bool) else score,
        "text": result.text,
        "finish_reason": result.finish_reason,
        "prompt_tokens": usage.prompt_tokens if usage is not None else None,
        "completion_tokens": tokens(result),
        "seconds": result.seconds,
        "first_token": result.first_token,
        "server": varied.get("server", result.server),
        "stored": result.stored,
        "thumb": None if result.thumb is None else int(result.thumb),
        "note": result.note,
    }


def _of_failure(failure: Failure) -> dict[str, Any]:
    varied = failure.setting.values
    return {
        **failure.variables,
        **varied,
        "item": failure.item,
        "run": failure.draw,
        "prompt": failure.prompt,
        "server": varied.get("server", failure.server),
        "stored": failure.stored,
        "error": f"{failure.kind}: {failure.message}",
    }


def _csv_cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, default=str)
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value


def _json(value: Any) -> Any:
    """Return a value as JSON has it: nan and infinity are null."""
    if isinstance(value, dict):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
