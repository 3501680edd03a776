"""Code tools, buttons upon the code in finished answers, as long as there is a kernel."""

from __future__ import annotations

import anywidget

from chatwidget.render.display.assets import bundle, stylesheet

__all__ = ["CodeTools"]


class CodeTools(anywidget.AnyWidget):
    """Lets a person copy a block of code, or put it into a new cell.

    There is one for a whole kernel. It is never displayed: its script waits for the pointer or the
    focus to come to a block of code in the static output of any answer, and gives buttons to that
    one alone. So an answer costs nothing, and a saved notebook holds no button.
    """

    _esm = bundle("code_tools")
    _css = stylesheet("code_tools")
