"""What axe finds in a part of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from browser.lab import Lab

__all__ = ["findings"]

# JupyterLab's body has no height and hides what is beyond it: to axe nothing in it is seen, and so
# no colour is looked at.
AS_HIGH_AS_THE_WINDOW = "html, body { height: 100vh; }"


def findings(lab: Lab, context: str, state: str, *, minor: bool = False) -> list[str]:
    """Say what axe finds in an element, and in which state of the page.

    Raises
    ------
    AssertionError
        If axe saw no text at all, whose colour it could look at.
    """
    style = lab.page.add_style_tag(content=AS_HIGH_AS_THE_WINDOW)
    response = Axe().run(lab.page, context=context, options={}).response
    style.evaluate("node => node.remove()")
    looked = [each for each in response["passes"] if each["id"] == "color-contrast"]
    assert any(has_color(node) for each in looked for node in each["nodes"]), f"{state}: no text"
    return [
        f"{state}: {each['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for each in response["violations"]
        if minor or each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def has_color(node: dict[str, Any]) -> bool:
    """Whether axe found out which colour an element's text has."""
    return any("fgColor" in (check.get("data") or {}) for check in node["any"])
