"""What stands within a line of Markdown, written so that all parsers understand the same.

See `chatwidget.render.markup.markdown_writer`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chatwidget.render.markup.mathmarkup import CLOSER, is_harmless

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

__all__ = ["code", "escaped", "escaped_line_start", "math", "math_lines", "spans"]

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
_TAG_OR_LINK = re.compile(r"<(?=[A-Za-z/!?])|\](?=\()|!(?=\[)")
_COMMENT = re.compile(r"(?<!\\)%.*")
_NO_MATH = re.compile(r"(?<!\\)\$|\\\Z|`")
_BAR = re.compile(r"(?<!\\)\|")


def spans(node: SyntaxTreeNode, *, in_table: bool = False, in_link: bool = False) -> str:
    """Write all spans of a node."""
    kinds = ["", *(each.type for each in node.children), ""]
    written = []
    for number, each in enumerate(node.children):
        if each.type == "text":
            text = _without_brackets(each.content) if in_link else escaped(each.content)
            written.append(_beside(kinds[number], text, kinds[number + 2]))
        else:
            written.append(_span(each, in_table=in_table, in_link=in_link))
    return "".join(written)


def _span(node: SyntaxTreeNode, *, in_table: bool, in_link: bool) -> str:
    if node.type == "code_inline":
        return code(node.content, in_table=in_table)
    if node.type == "math_inline":
        return math(node.content, node.markup, in_table=in_table)
    if node.type in _BREAKS:
        return _BREAKS[node.type]
    is_link = node.type == "link"
    inside = spans(node, in_table=in_table, in_link=in_link or is_link)
    if is_link and "href" in node.attrs:
        return f"[{inside}]({_address(str(node.attrs['href']))})"
    is_nested = node.parent is not None and node.parent.type == node.type
    mark = "" if is_nested else _MARKS.get(node.type, "")
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
    """Write a formula between dollars; as text, if it would not stay within them or does more."""
    lines = math_lines(tex)
    whole = " ".join(lines)
    if _NO_MATH.search(whole.replace("\\\\", "")) or not is_harmless(whole):
        return _without_brackets(f"{markup}{whole}{CLOSER[markup]}")
    if in_table:
        whole = _BAR.sub(r"\\vert ", whole)
    dollars = "$$" if markup == r"\[" else "$"
    return f"{dollars}{whole}{dollars}"


def math_lines(tex: str) -> list[str]:
    """Return the lines of a formula, without comments and without tags and links.

    A space ends those for parsers that know of no formulas, and does not change the formula.
    """
    lines = (" ".join(_COMMENT.sub("", line).split()) for line in tex.split("\n"))
    return [_TAG_OR_LINK.sub(r"\g<0> ", line) for line in lines if line]


def _without_brackets(text: str) -> str:
    """Write text that neither ends a link nor, with what follows, begins one."""
    return escaped(text).replace("[", "&#91;").replace("]", "&#93;")


def _beside(before: str, text: str, after: str) -> str:
    """Return text that does not change what stands before and after it."""
    if after == "link" and text.endswith("!"):  # or it were an image
        text = text[:-1] + r"\!"
    if before == "math_inline" and text[:1].isdigit():  # or the dollars were money
        text = f"&#{ord(text[0])};{text[1:]}"
    return text


def _escape(found: re.Match[str]) -> str:
    return _ENTITIES[found[0]] if found["entity"] else f"\\{found[0]}"


def _address(address: str) -> str:
    return _AMPERSAND.sub("&amp;", address.translate(_IN_ADDRESS))
