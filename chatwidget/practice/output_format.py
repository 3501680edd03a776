"""The output format of an answer: text, JSON, or a call of a tool."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from chatwidget.practice.api_error import PracticeAPIError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.practice.prompt import Prompt

__all__ = ["OutputFormat", "read_output_format"]

_ANY_OBJECT = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
}


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """The output format of an answer, as the request asks for it.

    Attributes
    ----------
    kind
        Text, JSON, a tool call, or a function call of the old kind.
    schema
        The JSON schema of the answer or of the call's arguments.
    name
        The name of what is called.
    """

    kind: Literal["text", "json", "tool", "function"] = "text"
    schema: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


def read_output_format(fields: Mapping[str, Any], prompt: Prompt) -> OutputFormat:
    """Read the output format that a request asks for.

    The practice model cannot tell when a tool would help.
    So when it may choose, it calls a tool if the question names it, and otherwise answers.

    Raises
    ------
    PracticeAPIError
        If the parameters of the request contradict each other.
    """
    tools = _tools(fields.get("tools", []))
    functions = {_name(item, "functions"): item for item in fields.get("functions", [])}
    chosen = _chosen(fields.get("tool_choice"), tools, prompt, "tool_choice", "tools")
    if chosen is not None:
        return OutputFormat("tool", _parameters(tools[chosen], "tools"), chosen)
    chosen = _chosen(fields.get("function_call"), functions, prompt, "function_call", "functions")
    if chosen is not None:
        return OutputFormat("function", _parameters(functions[chosen], "functions"), chosen)
    return _response_format(fields.get("response_format", {"type": "text"}))


def _tools(tools: Sequence[Any]) -> dict[str, Any]:
    for tool in tools:
        if not isinstance(tool, dict) or tool.get("type") != "function":
            raise PracticeAPIError(
                "Invalid value for 'tools': only functions are supported.", "tools"
            )
    return {_name(tool.get("function"), "tools"): tool["function"] for tool in tools}


def _name(function: Any, param: str) -> str:
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or not re.fullmatch(r"[\w-]{1,64}", name, re.ASCII):
        message = f"Invalid value for '{param}': a name has up to 64 letters, digits, '_' and '-'."
        raise PracticeAPIError(message, param, "invalid_value")
    return name


def _parameters(function: Mapping[str, Any], param: str) -> dict[str, Any]:
    parameters = function.get("parameters", {"type": "object", "properties": {}})
    if not isinstance(parameters, dict):
        raise PracticeAPIError(
            f"Invalid value for '{param}': 'parameters' must be an object.", param
        )
    return {"type": "object", **parameters}


def _chosen(
    choice: Any, functions: Mapping[str, Any], prompt: Prompt, param: str, source: str
) -> str | None:
    """Return the name of the function to call, or None to answer."""
    if choice is not None and choice != "none" and not functions:
        raise PracticeAPIError(f"'{param}' is only allowed when '{source}' are given.", param)
    named = next((name for name in functions if _mentions(prompt.question, name)), None)
    if choice in (None, "auto"):
        return named if prompt.tool_result is None else None
    if choice == "none":
        return None
    if choice == "required" and param == "tool_choice":
        return named or next(iter(functions))
    asked = choice.get("function", choice) if isinstance(choice, dict) else {}
    name = asked.get("name") if isinstance(asked, dict) else None
    if name not in functions:
        raise PracticeAPIError(f"Invalid value for '{param}': there is no such function.", param)
    return str(name)


def _mentions(question: str, name: str) -> bool:
    words = re.escape(name).replace("_", "[_ ]")
    return re.search(rf"(?<!\w){words}(?!\w)", question, re.IGNORECASE) is not None


def _response_format(wanted: Mapping[str, Any]) -> OutputFormat:
    kind = wanted.get("type")
    if kind == "text":
        return OutputFormat()
    if kind == "json_object":
        return OutputFormat("json", _ANY_OBJECT)
    if kind != "json_schema":
        message = "Invalid value for 'response_format': type is text, json_object or json_schema."
        raise PracticeAPIError(message, "response_format.type", "invalid_value")
    described = wanted.get("json_schema")
    param = "response_format.json_schema"
    if not isinstance(described, dict) or not isinstance(described.get("name"), str):
        raise PracticeAPIError(f"Missing required parameter: '{param}.name'.", f"{param}.name")
    if not isinstance(described.get("schema"), dict):
        raise PracticeAPIError(f"Missing required parameter: '{param}.schema'.", f"{param}.schema")
    return OutputFormat("json", described["schema"])
