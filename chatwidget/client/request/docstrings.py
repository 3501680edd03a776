"""The docstring parser: what a docstring says of a function and of each of its parameters.

It reads the sections of numpydoc, those of Google's guide, and the fields of reStructuredText.
"""

from __future__ import annotations

import re
from inspect import cleandoc

__all__ = ["describe"]

_UNDERLINE = re.compile(r"-{3,}\s*$")
_NUMPY_NAMES = re.compile(r"(?P<names>\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$")
_GOOGLE_SECTION = re.compile(
    r"(?P<parameters>Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|"
    r"Other Parameters)\s*:\s*$|(?:Returns?|Yields?|Raises|Examples?|Notes?|Attributes|Warnings?|"
    r"References|See Also|Todo)\s*:\s*$"
)
_GOOGLE_ENTRY = re.compile(r"\*{0,2}(?P<names>\w+)\s*(?:\(.*?\))?\s*:\s+(?P<text>.*)$")
_FIELD = re.compile(
    r":(?:(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?\*{0,2}(?P<names>\w+)|"
    r"\w+(?:\s[^:]*)?)\s*:\s*(?P<text>.*)$"
)


def describe(docstring: str | None) -> tuple[str, dict[str, str]]:
    """Return what stands before the first section, and the descriptions of the parameters."""
    lines = cleandoc(docstring or "").splitlines()
    start = next((n for n in range(len(lines)) if _begins(lines, n)), len(lines))
    description = "\n".join(lines[:start]).strip()
    rest = lines[start:]
    for read in (_numpy, _google, _fields):
        if found := read(rest):
            return description, {name: _joined(text) for name, text in found.items()}
    return description, {}


def _begins(lines: list[str], number: int) -> bool:
    """Tell whether a section or a field begins at a line."""
    line = lines[number]
    below = lines[number + 1] if number + 1 < len(lines) else ""
    underlined = bool(line.strip()) and _UNDERLINE.match(below) is not None
    return underlined or bool(_GOOGLE_SECTION.match(line) or _FIELD.match(line))


def _numpy(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    names: list[str] = []
    inside = False
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and _UNDERLINE.match(lines[number + 1]):
            inside, names = line.strip() in ("Parameters", "Other Parameters"), []
        elif inside and not line.startswith(" ") and (entry := _NUMPY_NAMES.match(line)):
            names = [name.strip(" *") for name in entry["names"].split(",")]
            found |= {name: [] for name in names}
        elif inside and line.startswith(" "):
            for name in names:
                found[name].append(line)
    return found


def _google(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    text: list[str] = []
    inside, indent = False, 0
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if line.strip() and not depth:
            section = _GOOGLE_SECTION.match(line)
            inside, indent, text = bool(section and section["parameters"]), 0, []
            continue
        indent = indent or depth
        entry = _GOOGLE_ENTRY.match(line.strip()) if depth == indent else None
        if inside and entry:
            text = found[entry["names"]] = [entry["text"]]
        else:
            text.append(line)
    return found


def _fields(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    text: list[str] = []
    for line in lines:
        field = _FIELD.match(line)
        if field is None:
            text.append(line)
        else:
            text = [field["text"]]
            if field["names"]:
                found[field["names"]] = text
    return found


def _joined(lines: list[str]) -> str:
    """Join the lines of a description up to its first empty one."""
    kept: list[str] = []
    for line in lines:
        if not line.strip() and kept:
            break
        kept.append(line.strip())
    return " ".join(filter(None, kept))
