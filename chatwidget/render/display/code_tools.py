"""What a page has for all finished answers as long as there is a kernel: styles and buttons."""

from __future__ import annotations

import anywidget

from chatwidget.render.display.assets import bundle, stylesheet

__all__ = ["CodeTools"]


class CodeTools(anywidget.AnyWidget):
    """Lets a person copy a block of code, or put it into a new cell.

    There is one for a whole kernel. It is never displayed: its script waits for the pointer or the
    focus to come to a block of code in the static output of any answer, and gives buttons to that
    one alone. So an answer costs nothing, and a saved notebook holds no button.

    It brings the stylesheet of all that is static, too: no output holds any. Where there is no
    kernel, or no widget, answers look as the front end's own classes have them.
    """

    _esm = bundle("code_tools")
    _css = stylesheet("answer", "dry_run", "code_tools")
