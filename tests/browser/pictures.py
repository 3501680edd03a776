"""Makes the pictures of README from a real JupyterLab: ``make pictures``.

Beside them stands what they show, by its hash; a test says when it has changed since. The fonts
are pinned packages, so that the pictures look alike wherever they are made.
"""

from __future__ import annotations

import base64
import hashlib
import io
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import expect

from browser.chromium import running_chromium
from browser.jupyter import running_jupyterlab
from browser.lab import TIMEOUT, Lab
from browser.panels import Panel

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect

    from browser.lab import Notebook

__all__ = ["MOST_BYTES", "PICTURES", "RECORD", "THEMES", "what_is_shown"]

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "chatwidget" / "static"
FONTS = ROOT / "tests" / "frontend" / "node_modules" / "@fontsource-variable"
PICTURES = ROOT / "docs" / "pictures"
RECORD = PICTURES / "SHA256SUMS"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
MOST_BYTES = 250_000

WIDTH, HEIGHT, SCALE = 1400, 1200, 2
PANEL_HEIGHT = 478
"""As a person drags it: down to the settings that are tuned most."""
GUTTER = 28
"""What JupyterLab leaves free at the left of a prompt."""
MARGIN, TOP = 10, 5
COLOURS = 128

CELLS = (
    "%load_ext chatwidget\n%chat use local",
    "%%chat --temperature 0.2 --seed 1\nName three reasons to plant a garden.",
    "%chat panel",
    "",
)
PANEL, BELOW = 2, 3
QUESTION = "What makes a good notebook? Answer briefly."
TRIED = ("0.2", "0.5")
"""The temperatures that the question is asked with in the panel."""
SEED = "get_ipython().run_line_magic('chat', 'set seed=8')"
WARM_UP = """
from chatwidget import create_chat_completion
create_chat_completion("Hello", server="local", max_tokens=1)
"""

FACES = """
@font-face {{ font-family: Sans; font-weight: 100 900; src: url({sans}); }}
@font-face {{ font-family: Mono; font-weight: 100 800; src: url({mono}); }}
body {{
    --jp-ui-font-family: Sans;
    --jp-content-font-family: Sans;
    --jp-code-font-family: Mono;
    --jp-cell-prompt-font-family: Mono;
}}
"""


def main() -> None:
    """Make the pictures anew, and write down what they show."""
    expect.set_options(timeout=TIMEOUT * 1000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        server = stack.enter_context(running_jupyterlab(folder))
        browser = stack.enter_context(running_chromium(folder / "chromium", scale=SCALE))
        lab = Lab(browser.new_page(), server, folder)
        lab.load()
        lab.resize(WIDTH, HEIGHT)
        lab.page.add_style_tag(content=faces())
        notebook = written(lab)
        PICTURES.mkdir(exist_ok=True)
        for name, theme in THEMES.items():
            lab.theme(theme)
            (PICTURES / f"notebook-{name}.png").write_bytes(picture(notebook))
        lab.close()
    RECORD.write_text(what_is_shown(), "utf-8")


def what_is_shown() -> str:
    """Return the hashes of what a picture is made from, one a line as ``sha256sum`` has them."""
    parts = [*sorted(STATIC.rglob("*.css")), *sorted(STATIC.joinpath("dist").glob("*.js"))]
    names = [f"chatwidget/static/{path.relative_to(STATIC).as_posix()}" for path in parts]
    paths = dict(zip(names, parts, strict=True)) | {"tests/browser/pictures.py": Path(__file__)}
    return "".join(f"{digest(path)}  {name}\n" for name, path in paths.items())


def digest(path: Path) -> str:
    """Return the hash of a text file, whose lines may end as its system has them."""
    return hashlib.sha256(path.read_text("utf-8").encode()).hexdigest()


def written(lab: Lab) -> Notebook:
    """Run the notebook, and tune an answer in its panel."""
    notebook = lab.open_notebook(CELLS)
    notebook.execute(WARM_UP)
    for index in range(BELOW):
        notebook.run(index)
        notebook.wait_finished(index)
    notebook.execute(SEED)
    tune(Panel(notebook, PANEL).wait())
    notebook.cell(BELOW).locator(".cm-content").click()
    lab.page.mouse.move(0, 0)
    return notebook


def tune(panel: Panel) -> None:
    """Ask at one temperature, pin the answer, and move the slider to another one."""
    panel.root.evaluate(f"panel => {{ panel.style.height = '{PANEL_HEIGHT}px'; }}")
    panel.root.get_by_role("button", name="New conversation").click()
    panel.set("temperature", TRIED[0])
    panel.ask(QUESTION)
    panel.wait_answered(1)
    panel.press("Pin")
    panel.rerun.check()
    panel.set("temperature", TRIED[1])
    expect(panel.root.locator(".chatwidget-summary")).to_contain_text("of the words are the same")


def picture(notebook: Notebook) -> bytes:
    """Return the picture of the cells, as a PNG of few colours."""
    page = notebook.lab.page
    page.evaluate("document.fonts.ready")
    shown = Image.open(io.BytesIO(page.screenshot(clip=place(notebook)))).convert("RGB")
    png = io.BytesIO()
    # a small thing of one colour, as a number in code, keeps it
    palette = shown.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    palette.save(png, "PNG", optimize=True)
    return png.getvalue()


def place(notebook: Notebook) -> FloatRect:
    """Where the cells are in the page, from their prompts on."""
    first, last = (notebook.cell(index).bounding_box() for index in (0, PANEL))
    assert first is not None
    assert last is not None
    return {
        "x": first["x"] + GUTTER - MARGIN,
        "y": first["y"] - TOP,
        "width": first["width"] - GUTTER + 2 * MARGIN,
        "height": last["y"] + last["height"] - first["y"] + 2 * TOP,
    }


def faces() -> str:
    """Return the style that gives JupyterLab its fonts."""
    sans = font("inter/files/inter-latin-opsz-normal.woff2")
    mono = font("jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2")
    return FACES.format(sans=sans, mono=mono)


def font(name: str) -> str:
    """Return a font as an address that holds it."""
    data = base64.b64encode((FONTS / name).read_bytes()).decode()
    return f"data:font/woff2;base64,{data}"


if __name__ == "__main__":
    main()
