"""Sanitized HTML for the Markdown of a model: it can do nothing.

The HTML is built from an allow-list: inert tags, ``class``, ``dir``, and on links an http, https or
mailto address. Raw HTML but for ``<br>`` is shown as text, an image is a link to it, mathematics is
marked for the host's typesetter, within a budget. Definitions of reference links are shown as they
are, because a definition would change text that was shown long before.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from chatwidget.render.markup.addresses import is_address
from chatwidget.render.markup.autolinks import add_autolinks
from chatwidget.render.markup.direction import add_directions
from chatwidget.render.markup.emphasis import add_emphasis_between_letters
from chatwidget.render.markup.formulas import FormulaBudget, add_formula_bounds
from chatwidget.render.markup.highlighting import highlight
from chatwidget.render.markup.mathmarkup import add_math, with_delimiters
from chatwidget.render.markup.table_bars import add_table_bars
from chatwidget.render.markup.task_lists import add_task_lists, box_html

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

__all__ = ["code_html", "markdown_html", "parsed"]

_ATTRIBUTES = frozenset({"class", "dir", "href", "rel", "start", "target", "title"})
_BREAK = re.compile(r"<br[ \t]*/?>[ \t]*\n?[ \t]*", re.IGNORECASE)
_PLAIN = '<pre class="chatwidget-code" tabindex="0">'
# what exports of a notebook call highlighted code, so that it has colours there
_COLOURED = '<pre class="chatwidget-code highlight" tabindex="0">'
_CONTINUED = '<pre class="chatwidget-code chatwidget-continued">'


def markdown_html(
    source: str,
    formulas: FormulaBudget | None = None,
    *,
    unfinished: bool = False,
    continued: bool = False,
) -> str:
    """Return sanitized HTML for Markdown.

    Parameters
    ----------
    source
        The Markdown; it must have no lone surrogates.
    formulas
        The budget of its formulas; by default, one of its own.
    unfinished
        More text will come: links are not active yet, because their addresses may be cut off, and
        an open formula is shown as one.
    continued
        The first block goes on with the list or table of an earlier piece; its class says so.
    """
    env = _environment(formulas, unfinished=unfinished, continued=continued)
    return str(_parser().render(source, env))


def parsed(source: str, formulas: FormulaBudget | None = None) -> list[Token]:
    """Return what stands in whole Markdown, as tokens that are sanitized."""
    return _parser().parse(source, _environment(formulas))


def _environment(
    formulas: FormulaBudget | None, *, unfinished: bool = False, continued: bool = False
) -> dict[str, Any]:
    formulas = formulas or FormulaBudget()
    return {"formulas": formulas, "unfinished": unfinished, "continued": continued}


def code_html(code: str, language: str = "", *, continued: bool = False) -> str:
    """Return a block of code, highlighted if its language is known.

    It scrolls, also for those who have no mouse. One that goes on becomes part of the one before.
    """
    html = highlight(code, language)
    begin = _CONTINUED if continued else _COLOURED if "<" in html else _PLAIN
    return f"{begin}<code>{html}</code></pre>\n"


class _Renderer(RendererHTML):
    """Renderer of sanitized HTML, from the allow-list."""

    @staticmethod
    def renderAttrs(token: Token) -> str:  # noqa: N802 - markdown-it's name
        """Write the attributes that are allowed, and no other."""
        kept = ((name, value) for name, value in token.attrs.items() if name in _ATTRIBUTES)
        return "".join(f' {name}="{escape(str(value))}"' for name, value in kept)

    def text(self, tokens: Sequence[Token], index: int, *_: object) -> str:
        """Write text; quotes in it are quotes."""
        return escape(tokens[index].content, quote=False)


_ESCAPED_IPV6 = re.compile(r"^(https?://(?:[^/?#@]*@)?)%5B([0-9a-f:.]+)%5D", re.IGNORECASE)


class _Markdown(MarkdownIt):
    """A parser that takes an address for a link only if it may be one."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
        return is_address(url)

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's name
        """Return an address as a page has it; older versions escape the brackets of IPv6, too."""
        return _ESCAPED_IPV6.sub(r"\1[\2]", super().normalizeLink(url))


@cache
def _parser() -> MarkdownIt:
    options = {"html": False, "xhtmlOut": False}
    md = _Markdown("commonmark", options, renderer_cls=_Renderer)
    md.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline"])
    md.inline.ruler.push("line_break", _line_break)
    for extend in _EXTENSIONS:
        extend(md)
    md.core.ruler.push("sanitize", _sanitize)
    add_directions(md)
    for name, html_of in _HTML_OF.items():
        md.add_render_rule(name, _rule(html_of))
    return md


_EXTENSIONS: tuple[Callable[[MarkdownIt], None], ...] = (
    add_math,
    add_formula_bounds,
    add_table_bars,
    add_emphasis_between_letters,
    add_task_lists,
    add_autolinks,
)


def _line_break(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it so
    """Take a ``<br>`` for what it is: in a cell of a table there is no other way to say it."""
    found = _BREAK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _rule(html_of: Callable[[Token], str]) -> Callable[..., str]:
    return lambda _self, tokens, index, *_: html_of(tokens[index])


def _fence_html(token: Token) -> str:
    language, *_ = [*token.info.split(), ""]
    return code_html(token.content, language)


def _math_html(token: Token) -> str:
    tag, end = ("div", "\n") if token.block else ("span", "")
    text = escape(with_delimiters(token))
    return f'<{tag} class="{token.attrs["class"]}">{text}</{tag}>{end}'


_HTML_OF: dict[str, Callable[[Token], str]] = {
    "fence": _fence_html,
    "code_block": lambda token: code_html(token.content),
    "math_inline": _math_html,
    "math_block": _math_html,
    "task_box": box_html,
    "table_open": lambda token: f"<div{_Renderer.renderAttrs(token)}><table>\n",
    "table_close": lambda _: "</table></div>\n",
}
"""What stands for a token where markdown-it's own HTML does not do."""


def _sanitize(state: StateCore) -> None:
    """Sanitize links and images, and give tables and continued blocks the form that we want."""
    for token in state.tokens:
        if token.children:
            token.children = _sanitize_links(token.children, active=not state.env["unfinished"])
        elif token.type == "table_open":
            token.attrs = {"class": "chatwidget-table"}
        elif style := token.attrs.get("style"):  # only cells have one: text-align
            token.attrs = {"class": "chatwidget-" + str(style).rpartition(":")[2]}
    if state.env["continued"] and state.tokens:
        first = state.tokens[0].attrs
        state.tokens[0].attrs = {"class": f"{first.get('class', '')} chatwidget-continued".lstrip()}


def _sanitize_links(tokens: Sequence[Token], *, active: bool) -> list[Token]:
    """Sanitize links, so that they are safe to click; images become links outside of links."""
    sanitized: list[Token] = []
    inside: list[str] = []
    for token in tokens:
        if token.type == "image":
            sanitized += _image_link(token, active=active, inside=bool(inside))
            continue
        if token.type == "link_open":
            token.tag, token.attrs = _link(str(token.attrs.get("href", "")), active=active)
            inside.append(token.tag)
        elif token.type == "link_close":
            token.tag = inside.pop()
        sanitized.append(token)
    return sanitized


def _link(address: str, *, active: bool) -> tuple[str, dict[str, Any]]:
    if not active or not address:
        return "span", {"class": "chatwidget-link"}
    return "a", {
        "href": address,
        "title": address,
        "rel": "noopener noreferrer",
        "target": "_blank",
    }


def _image_link(image: Token, *, active: bool, inside: bool) -> list[Token]:
    """Return a link that names the image and where it is, and that loads nothing by itself."""
    address = str(image.attrs.get("src", ""))
    text = Token("text", "", 0, content=f"image: {_words(image)} ({_host(address)})")
    if inside:
        return [text]
    tag, attrs = _link(address, active=active)
    attrs["class"] = "chatwidget-image"
    return [Token("link_open", tag, 1, attrs=attrs), text, Token("link_close", tag, -1)]


def _words(token: Token) -> str:
    return token.content if token.children is None else "".join(map(_words, token.children))


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:  # such as an IPv6 address with one bracket
        return address
