"""What stands within a line of Markdown, written so that all parsers understand the same.

See `chatwidget.notebook.rewriting`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chatwidget.notebook.mathmarkup import CLOSER, is_harmless

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

__all__ = ["code", "escaped", "escaped_line_start", "math", "span", "spans"]

# What begins a span or a block for one parser or another. An underscore within a word does not,
# nor does a bracket that nothing follows, as in "a[0]". What would begin a formula for somebody
# if it had a backslash before it is written as an entity.
_SPECIAL = re.compile(
    r"""
    (?P<entity>
        \\(?=[()\[\]]|(?:begin|end)\{) | <(?=[A-Za-z/!?]) | &(?=\#?\w+;) | \](?=[(:{]) | \A\{
    )
    | [\\`*$^~|] | (?<![^\W_])_ | _(?![^\W_]) | !(?=\[) | (?<!\w)@(?=\w)
    | (?<=-)-  # two of them are a dash for pandoc
    """,
    re.VERBOSE,
)
_ENTITIES = {"\\": "&#92;", "<": "&lt;", "&": "&amp;", "]": "&#93;", "{": "&#123;"}
_LINE_START = re.compile(r"\A(?:\d{1,9}(?=[.)])|(?=[-+#>%:=]))(?=[-+.)#=]+(?:\s|\Z)|[>%:])")
_IN_ADDRESS = str.maketrans({each: f"%{ord(each):02X}" for each in "()<>[]{}\\`|$^\"'"})
_AMPERSAND = re.compile(r"&(?=#?\w+;)")
_DOLLAR = re.compile(r"(?<!\\)\$|\\\Z")
_BAR = re.compile(r"(?<!\\)\|")


def spans(node: SyntaxTreeNode, *, in_table: bool = False) -> str:
    """Write all spans of a node."""
    return "".join(span(each, in_table=in_table) for each in node.children)


def span(node: SyntaxTreeNode, *, in_table: bool = False) -> str:
    """Write one span; what is unknown is written as text."""
    if node.type == "code_inline":
        return code(node.content, in_table=in_table)
    if node.type == "math_inline":
        return math(node.content, node.markup, in_table=in_table)
    if node.type in _BREAKS:
        return _BREAKS[node.type]
    if node.type == "text":
        return _text(node)
    inside = spans(node, in_table=in_table)
    if node.type == "link":
        return f"[{inside}]({_address(str(node.attrs.get('href', '')))})"
    mark = _MARKS[node.type]
    return f"{mark}{inside}{mark}" if inside else ""


_BREAKS = {"softbreak": "\n", "hardbreak": "\\\n"}
_MARKS = {"em": "*", "strong": "**", "s": "~~"}


def escaped(text: str) -> str:
    """Write text in which nothing means anything; see `escaped_line_start`, too."""
    return _SPECIAL.sub(_escape, text)


def escaped_line_start(line: str) -> str:
    """Return a line that begins no heading, list, quote or metadata."""
    return _LINE_START.sub(lambda found: f"{found[0]}\\", line)


def code(text: str, *, in_table: bool = False) -> str:
    """Write code; a bar in a table stands between two pieces of it."""
    if in_table and "|" in text:
        return r"\|".join(code(each) if each.strip() else each for each in text.split("|"))
    runs = map(len, re.findall("`+", text))
    mark = "`" * (max(runs, default=0) + 1)
    ends = text[:1] + text[-1:]
    space = " " if "`" in ends or (ends == "  " and text.strip()) else ""
    return f"{mark}{space}{text}{space}{mark}"


def math(tex: str, markup: str, *, in_table: bool = False) -> str:
    """Write a formula between dollars; as code, if it would not stay within them or does more."""
    tex = " ".join(tex.split())
    if _DOLLAR.search(tex.replace("\\\\", "")) or not is_harmless(tex):
        return code(f"{markup}{tex}{CLOSER[markup]}", in_table=in_table)
    if in_table:
        tex = _BAR.sub(r"\\vert ", tex)
    dollars = "$$" if markup == r"\[" else "$"
    return f"{dollars}{tex}{dollars}"


def _text(node: SyntaxTreeNode) -> str:
    text = escaped(node.content)
    if _is_in_link(node):
        text = text.replace("[", "&#91;").replace("]", "&#93;")
    before, after = node.previous_sibling, node.next_sibling
    if after is not None and after.type == "link" and text.endswith("!"):
        text = text[:-1] + r"\!"  # else it were an image
    if before is not None and before.type == "math_inline" and text[:1].isdigit():
        text = f"&#{ord(text[0])};{text[1:]}"  # else the dollars were money
    return text


def _is_in_link(node: SyntaxTreeNode) -> bool:
    above = node.parent
    return above is not None and (above.type == "link" or _is_in_link(above))


def _escape(found: re.Match[str]) -> str:
    return _ENTITIES[found[0]] if found["entity"] else f"\\{found[0]}"


def _address(address: str) -> str:
    return _AMPERSAND.sub("&amp;", address.translate(_IN_ADDRESS))
