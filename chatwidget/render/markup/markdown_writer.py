r"""Model Markdown written anew, so that all who read it understand what we understood.

Parsers differ on what is code, a formula, HTML or a link, and some know more than others: pandoc
takes ``\input`` for TeX, and lines between two rules for metadata. So the text is parsed once, by
the parser that draws it, and each part is written in a form that means the same to CommonMark,
GitHub, Jupyter and pandoc. Formulas stand between dollars, code is fenced, an image is a link, raw
HTML is text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.tree import SyntaxTreeNode

from chatwidget.client.text import without_controls
from chatwidget.render.markup.blocks import blocks_of
from chatwidget.render.markup.emphasis import is_letter
from chatwidget.render.markup.formulas import FormulaBudget
from chatwidget.render.markup.markdown import parsed
from chatwidget.render.markup.mathmarkup import CLOSER
from chatwidget.render.markup.rendering import is_noise
from chatwidget.render.markup.task_lists import box_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.render.markup.blocks import Piece

__all__ = ["fenced", "inert_markdown", "inert_sentence"]


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
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
_NO_MATH = re.compile(r"(?<!\\)\$|\\\Z|`")
_BAR = re.compile(r"(?<!\\)\|")


def spans(node: SyntaxTreeNode, *, in_table: bool = False, in_link: bool = False) -> str:
    """Write all spans of a node."""
    children = node.children
    written = [_span(each, in_table=in_table, in_link=in_link) for each in children]
    kinds = ["", *(each.type for each in children), ""]
    around = ["", *written, ""]
    for number, each in enumerate(children):
        if each.type == "text":
            text = _beside(kinds[number], written[number], kinds[number + 2])
            written[number] = _beside_marks(around[number], text, around[number + 2])
    return "".join(written)


def _span(node: SyntaxTreeNode, *, in_table: bool, in_link: bool) -> str:
    if node.type == "text":
        return _without_brackets(node.content) if in_link else escaped(node.content)
    if node.type in _LEAVES:
        return _LEAVES[node.type](node, in_table)
    is_link = node.type == "link"
    inside = spans(node, in_table=in_table, in_link=in_link or is_link)
    if is_link and "href" in node.attrs:
        return _link(node, inside)
    is_nested = node.parent is not None and node.parent.type == node.type
    mark = "" if is_nested else _MARKS.get(node.type, "")
    return f"{mark}{inside}{mark}" if inside else ""


_MARKS = {"em": "*", "strong": "**", "s": "~~"}
_OPENS_BEFORE_MARK = re.compile(r"(?:\*+|~~)[^\w\s*~]")
_CLOSES_AFTER_MARK = re.compile(r"[^\w\s*~](?:\*+|~~)\Z")


def _link(node: SyntaxTreeNode, inside: str) -> str:
    """Write a link; one that shows its address needs it once."""
    address = _address(str(node.attrs["href"]))
    is_bare = [each.content for each in node.children] == [address] and "&" not in address
    return f"<{address}>" if is_bare else f"[{inside}]({address})"


def escaped(text: str) -> str:
    """Write text in which nothing means anything; see `escaped_line_start`, too."""
    return _SPECIAL.sub(_escape, text)


def escaped_line_start(line: str) -> str:
    """Return a line that begins no heading, list, quote or metadata."""
    return _LINE_START.sub(lambda found: f"{found[0]}\\", line)


def code(text: str, *, in_table: bool = False) -> str:
    """Write code on one line, where no fence begins; a bar in a table stands between two pieces."""
    text = text.replace("\n", " ")
    if in_table and "|" in text:
        return r"\|".join(code(each) if each.strip() else each for each in text.split("|"))
    runs = map(len, re.findall("`+", text))
    mark = "`" * (max(runs, default=0) + 1)
    ends = text[:1] + text[-1:]
    space = " " if "`" in ends or (ends == "  " and text.strip()) else ""
    return f"{mark}{space}{text}{space}{mark}"


def math(tex: str, markup: str, *, in_table: bool = False) -> str:
    """Write a formula between dollars; as text, if it would not stay within them."""
    lines = math_lines(tex)
    whole = " ".join(lines)
    if _NO_MATH.search(whole.replace("\\\\", "")):
        return _without_brackets(f"{markup}{whole}{CLOSER[markup]}")
    if in_table:
        whole = _BAR.sub(r"\\vert ", whole)
    dollars = "$$" if markup == r"\[" else "$"
    return f"{dollars}{whole}{dollars}"


def math_lines(tex: str) -> list[str]:
    """Return the lines of a formula, without comments and without tags and links.

    A space ends those for parsers that know of no formulas, and does not change the formula.
    """
    lines = (" ".join(_COMMENT.sub(r"\1", line).split()) for line in tex.split("\n"))
    return [_TAG_OR_LINK.sub(r"\g<0> ", line) for line in lines if line]


_LEAVES: dict[str, Callable[[SyntaxTreeNode, bool], str]] = {
    "code_inline": lambda node, in_table: code(node.content, in_table=in_table),
    "math_inline": lambda node, in_table: math(node.content, node.markup, in_table=in_table),
    "task_box": lambda node, _: box_markdown(node.content),
    "softbreak": lambda *_: "\n",
    "hardbreak": lambda _, in_table: "<br> " if in_table else "\\\n",
}
"""What stands for a span in which there are no others."""


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


def _beside_marks(before: str, text: str, after: str) -> str:
    """Return text beside which marks of emphasis mean what they mean to us.

    Between a letter and other punctuation they are none to others; an entity is punctuation.
    """
    if _OPENS_BEFORE_MARK.match(after) and is_letter(text[-1:]):
        text = f"{text[:-1]}&#{ord(text[-1])};"
    if _CLOSES_AFTER_MARK.search(before) and is_letter(text[:1]):
        text = f"&#{ord(text[0])};{text[1:]}"
    return text


def _escape(found: re.Match[str]) -> str:
    return _ENTITIES[found[0]] if found["entity"] else f"\\{found[0]}"


def _address(address: str) -> str:
    return _AMPERSAND.sub("&amp;", address.translate(_IN_ADDRESS))


_NO_LANGUAGE = re.compile(r"[^-+#.0-9A-Za-z]")
# where formulas are unknown
_BEGINS_BLOCK = re.compile(r"[-+*>#~|]|\d+[.)]|=+\Z")
_LINE_END = re.compile(r"\\?\n")
# hashes would be dropped, and pandoc would take braces for attributes
_CLOSING = re.compile(r"(?:#+|\})\Z")
_CLOSINGS = {"#": "&#35;", "}": "&#125;"}
_RULES = {"chatwidget-left": ":---", "chatwidget-center": ":---:", "chatwidget-right": "---:"}


def inert_markdown(text: str) -> str:
    """Return Markdown that means what the text means, and that loads and runs nothing."""
    formulas = FormulaBudget()
    pieces = blocks_of(without_controls(text))
    return "\n".join(f"{_piece(piece, formulas)}\n" for piece in pieces)


def inert_sentence(text: str) -> str:
    """Return Markdown that shows a sentence as it is."""
    return escaped(" ".join(without_controls(text).split()))


def fenced(code: str, language: str = "") -> str:
    """Write a block of code; its language is a word, and no other information."""
    longest = max(map(len, re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{_NO_LANGUAGE.sub('', language)}\n{code.rstrip(chr(10))}\n{fence}"


def _piece(piece: Piece, formulas: FormulaBudget) -> str:
    if piece.kind == "fence":
        return fenced(piece.text, piece.language)
    if is_noise(piece.text):
        return escaped_line_start(inert_sentence(piece.text))
    return _blocks(SyntaxTreeNode(parsed(piece.text, formulas)).children)


def _blocks(nodes: Sequence[SyntaxTreeNode], *, tight: bool = False) -> str:
    """Write blocks one below the other; in a tight list, a list stands right below its item."""
    written = ""
    for node in nodes:
        gap = "\n" if tight and node.type in ("bullet_list", "ordered_list") else "\n\n"
        written += gap * bool(written) + _BLOCKS[node.type](node)
    return written


def _paragraph(node: SyntaxTreeNode) -> str:
    return "\n".join(map(escaped_line_start, _inline(node).split("\n")))


def _heading(node: SyntaxTreeNode) -> str:
    text = _CLOSING.sub(lambda end: _CLOSINGS[end[0][0]] + end[0][1:], _inline(node))
    return "#" * int(node.tag[1]) + " " + _LINE_END.sub(" ", text)


def _quote(node: SyntaxTreeNode) -> str:
    return _prefixed(_blocks(node.children), "> ")


def _list(node: SyntaxTreeNode) -> str:
    blocks = [block for item in node.children for block in item.children]
    tight = all(block.hidden for block in blocks if block.type == "paragraph")
    first = int(node.attrs.get("start", 1))
    items = []
    for number, item in enumerate(node.children, first):
        mark = f"{number}{node.markup}" if node.type == "ordered_list" else node.markup
        text = _prefixed(_blocks(item.children, tight=tight), " " * (len(mark) + 1))
        items.append(f"{mark} {text.lstrip(' ')}".rstrip(" "))
    return ("\n" if tight else "\n\n").join(items)


def _table(node: SyntaxTreeNode) -> str:
    rows = [row for part in node.children for row in part.children]
    rules = [_RULES.get(str(cell.attrs.get("class")), "---") for cell in rows[0].children]
    cells = [[_cell(cell) for cell in row.children] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [cells[0], rules, *cells[1:]])


def _cell(node: SyntaxTreeNode) -> str:
    return " ".join(_inline(node, in_table=True).split("\n")) or " "


def _formula(node: SyntaxTreeNode) -> str:
    on_one_line, lines = math(node.content, node.markup), math_lines(node.content)
    if len(lines) == 1 or not on_one_line.startswith("$$") or any(map(_BEGINS_BLOCK.match, lines)):
        return on_one_line
    return "\n".join(["$$", *lines, "$$"])


def _inline(node: SyntaxTreeNode, *, in_table: bool = False) -> str:
    return "".join(spans(each, in_table=in_table) for each in node.children)


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join((prefix + line).rstrip(" ") for line in text.split("\n"))


_BLOCKS: dict[str, Callable[[SyntaxTreeNode], str]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "blockquote": _quote,
    "bullet_list": _list,
    "ordered_list": _list,
    "table": _table,
    "math_block": _formula,
    "hr": lambda _: "***",
    "fence": lambda node: fenced(node.content, next(iter(node.info.split()), "")),
    "code_block": lambda node: fenced(node.content),
}
