"""What docstrings say of a function, of its parameters, and of the fields of a class.

The package docstring_parser reads them, in the styles of numpydoc, Google and reStructuredText;
lists of parameters, as ``- city: The city.``, are read here.
"""

from __future__ import annotations

import re
import sys
from inspect import cleandoc
from typing import TYPE_CHECKING

from docstring_parser import Docstring, ParseError, google, numpydoc, rest
from docstring_parser.google import Section, SectionType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["describe", "docstrings_of_class"]

_OTHER_SECTIONS = (
    *("Return", "Yield", "Note", "Notes", "Warning", "Warnings", "Todo", "See Also", "References"),
)
_PARAMETER_SECTIONS = ("Keyword Args", "Keyword Arguments", "Other Parameters")
_GOOGLE = google.GoogleParser(
    [
        *google.DEFAULT_SECTIONS,
        *(Section(name, "param", SectionType.MULTIPLE) for name in _PARAMETER_SECTIONS),
        *(Section(name, "note", SectionType.SINGULAR) for name in _OTHER_SECTIONS),
    ]
)
_FIELDS = re.compile(r"^:\w", re.MULTILINE)
_FIELD_OF_PARAMETER = re.compile(
    r"^:(?:param|parameter|arg|argument|key|keyword)\s[^:\n]*?(\w+)\s*:", re.MULTILINE
)
_AFTER_FIELDS = re.compile(r"\n\n+(?=[^\s:])")
_LIST = re.compile(
    r"^(?:Args|Arguments|Parameters|Params|Inputs)[ \t]*:?[ \t]*\n(?:-{3,}[ \t]*\n)?\s*[-*+•]\s",
    re.MULTILINE,
)
_ITEM = re.compile(
    r"^(?P<indent>[ \t]*)[-*+•][ \t]+[`*]*(?P<name>\w+)[`*]*[ \t]*(?:\([^)\n]*\)[ \t]*)?"
    r"(?::|--?|\u2013)[`*]*[ \t]+(?P<text>.*(?:\n(?P=indent)[ \t]+[^\s*+•-].*)*)",
    re.MULTILINE,
)
_LIBRARIES = frozenset({*sys.stdlib_module_names, "msgspec", "pydantic"})


def describe(*docstrings: str | None) -> tuple[str, dict[str, str]]:
    """Return what docstrings say before their first sections, and of each parameter.

    Parameters
    ----------
    *docstrings
        That of the function first, then those that it inherits, which fill what it leaves open.
    """
    descriptions: list[str] = []
    texts: dict[str, str] = {}
    for each in docstrings:
        description, found = _described(cleandoc(each or ""))
        descriptions.append(description)
        texts = {**found, **{name: text for name, text in texts.items() if text}}
    return next(filter(None, descriptions), ""), texts


def docstrings_of_class(kind: type) -> Iterator[str | None]:
    """Yield the docstrings of a class and of those that it is made of, the nearest first."""
    for each in kind.__mro__:
        if each is kind or each.__module__.partition(".")[0] not in _LIBRARIES:
            own = vars(each).get("__doc__")
            # a dataclass without one gets its signature
            yield None if own and own.startswith(f"{each.__name__}(") else own
            yield getattr(vars(each).get("__init__"), "__doc__", None)


def _described(text: str) -> tuple[str, dict[str, str]]:
    parsed = max((_parsed(read, text) for read in _READERS), key=lambda it: len(it.meta))
    description = _LIST.split(parsed.description or "", maxsplit=1)[0].strip()
    texts = {item["name"]: _joined(item["text"]) for item in _ITEM.finditer(text)}
    for each in parsed.params:
        for name in each.arg_name.split(","):
            texts[name.strip(" *`")] = _joined(each.description or "")
    return description, {name: text for name, text in texts.items() if name.isidentifier()}


def _parsed(read: Callable[[str], Docstring], text: str) -> Docstring:
    try:
        return read(text)
    except ParseError:  # it is in another style, or all of it is a description
        whole = Docstring()
        whole.short_description = text
        return whole


def _read_fields(text: str) -> Docstring:
    """Read the fields of reStructuredText, whose types may be of any number of words."""
    first = _FIELDS.search(text)
    start = first.start() if first else len(text)
    fields = _FIELD_OF_PARAMETER.sub(r":param \1:", text[start:])
    # a paragraph after them belongs to none
    return rest.parse(text[:start] + _AFTER_FIELDS.sub("\n\n:note: ", fields))


_READERS = (_GOOGLE.parse, numpydoc.parse, _read_fields)


def _joined(text: str) -> str:
    """Join the lines of a description up to its first empty one."""
    return " ".join(re.split(r"\n[ \t]*\n", text.strip(), maxsplit=1)[0].split())
