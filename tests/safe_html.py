"""Reads HTML as a browser would and refuses what must not be in an answer."""

from __future__ import annotations

import re
from html.parser import HTMLParser

ALLOWED_TAGS = {
    "a",
    "blockquote",
    "br",
    "code",
    "details",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
ALLOWED_ATTRIBUTES = {
    "a": {"class", "href", "rel", "target", "title"},
    "img": {"alt", "class", "src"},
    "ol": {"class", "start"},
    "pre": {"class", "tabindex"},
}
VOID = {"br", "hr", "img"}
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\Z")


COLUMNS = (
    "display:grid;gap:0 1.6em;grid-template-columns:repeat(auto-fit,minmax(min(100%,18em),1fr))"
)
"""The only style that there is: that of answers side by side."""


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.classes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED_TAGS, tag
        allowed = ALLOWED_ATTRIBUTES.get(tag, {"class"}) | {"dir"}
        values = dict(attrs)
        is_ours = values.get("style") == COLUMNS
        assert values.keys() - ({"style"} if is_ours else set()) <= allowed, (tag, attrs)
        assert values.get("dir", "auto") == "auto"
        self.classes |= set((values.get("class") or "").split())
        if tag == "a":
            assert "a" not in self.open, "a link in a link"
            assert re.match(
                r"(https?://|mailto:)[^\s\x00-\x1f]+\Z", values["href"] or "", re.IGNORECASE
            )
            assert values["rel"] == "noopener noreferrer"
            assert values["target"] == "_blank"
            assert values["title"] == values["href"]
            self.links.append(values["href"] or "")
        if tag == "img":
            assert PICTURE.match(values["src"] or "")
            assert values["class"] == "chatwidget-picture"
            self.pictures.append(values["src"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"a processing instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


class Checked:
    """What a person would find in HTML that is safe and complete."""

    def __init__(self, html: str) -> None:
        checker = _Checker()
        checker.feed(html)
        checker.close()
        assert not checker.open, f"left open: {checker.open}"
        self.text = "".join(checker.text)
        self.links = checker.links
        self.pictures = checker.pictures
        self.classes = checker.classes
