"""A pasted study, as a cell or as Python: what it varies, how often, and what it asks with."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.prompt.arguments import parse_cell_line
from chatwidget.prompt.request_snippet.code_reading import settled
from chatwidget.prompt.request_snippet.fields import config_of, server_at, validated_config
from chatwidget.prompt.request_snippet.values_in_code import Values, holds_computed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.chat.request_config import RequestConfig

__all__ = ["StudySnippet", "study_in_cell", "study_in_code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySnippet:
    """A study that was pasted.

    Attributes
    ----------
    prompt
        What is asked; empty if that is not one text.
    vary, repeats
        What varies, and how often each setting is asked.
    passes
        What says whether an answer passes: an expression, or the name of a function.
    config
        What is the same in all calls.
    """

    prompt: str
    vary: Mapping[str, Any]
    repeats: int
    passes: str
    config: RequestConfig = field(repr=False)


def study_in_cell(flags: str, body: str) -> StudySnippet | None:
    """Return the study that a cell is, from its flags and its text; None if it is none.

    Raises
    ------
    ParameterError, ConfigurationError
        If the line cannot be read.
    """
    arguments = parse_cell_line(flags)
    if not (arguments.vary or arguments.repeats or arguments.passes):
        return None
    return StudySnippet(
        prompt=body.strip("\n"),
        vary=arguments.vary,
        repeats=arguments.repeats or 1,
        passes=arguments.passes or "",
        config=validated_config(arguments.config),
    )


def study_in_code(text: str) -> StudySnippet | None:
    """Return the first `Study` that Python code makes; None if it makes none. Nothing is run.

    Raises
    ------
    ParameterError, ConfigurationError
        If a value of it would have to be computed, or cannot be used.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _makes(node.func))
    call = next(calls, None)
    if call is None:
        return None
    values = Values(tree)
    given = {word.arg: values.of(word.value) for word in call.keywords if word.arg}
    prompts = values.of(call.args[0]) if call.args else given.get("prompts")
    vary, repeats = given.get("vary") or {}, given.get("repeats", 1)
    if holds_computed([vary, repeats]) or not isinstance(vary, dict):
        raise ConfigurationError(
            "What this study varies is computed, and pasted code is not run.",
            hint="Write the values themselves.",
        )
    return StudySnippet(
        prompt=_prompt(prompts),
        vary=vary,
        repeats=repeats if isinstance(repeats, int) else 1,
        passes=_passes(tree),
        config=_config(given),
    )


def _makes(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name == "Study"


def _prompt(prompts: object) -> str:
    """Return the one text that is asked, by itself or as the one message of a user."""
    if isinstance(prompts, dict):
        prompts = [*prompts.values()]
    while isinstance(prompts, list) and len(prompts) == 1:
        (prompts,) = prompts
    if isinstance(prompts, dict) and prompts.get("role") == "user":
        prompts = prompts.get("content")
    return prompts if isinstance(prompts, str) else ""


def _config(given: Mapping[str, Any]) -> RequestConfig:
    fixed = given.get("fixed") or {}
    if not isinstance(fixed, dict):
        raise ConfigurationError("What is fixed in this study is computed; write it out.")
    fixed = fixed | {name: given[name] for name in ("server", "model") if name in given}
    server, system = fixed.pop("server", None), fixed.pop("system", None)
    if isinstance(system, str):
        fixed["messages"] = [{"role": "system", "content": system}]
    return config_of(settled(fixed), server_at(server) if isinstance(server, str) else None)


def _passes(tree: ast.Module) -> str:
    """Return what ``passes=`` is: the expression that a function returns, a lambda's, or a name."""
    words = [
        word.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "passes"
    ]
    if not words:
        return ""
    named = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    (given, *_) = words
    function = named.get(getattr(given, "id", ""))
    if function is not None and _is_expression(function):
        returned = function.body[-1]
        return ast.unparse(returned.value) if isinstance(returned, ast.Return) else ""  # type: ignore[arg-type] # it returns something
    if isinstance(given, ast.Lambda) and [each.arg for each in given.args.args] == ["completion"]:
        return ast.unparse(given.body)
    return given.id if isinstance(given, ast.Name) else ""


def _is_expression(function: ast.FunctionDef) -> bool:
    """Whether it is written as an expression of `text` is: see `ExpressionScorer.source`."""
    arguments = [each.arg for each in function.args.args]
    returned = function.body[-1]
    is_plain = all(ast.unparse(each) == "text = completion.text" for each in function.body[:-1])
    has_value = isinstance(returned, ast.Return) and returned.value is not None
    return arguments == ["completion"] and is_plain and has_value
