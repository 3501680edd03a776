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

__all__ = [
    "FILM",
    "MOST_BYTES",
    "MOST_FILM_BYTES",
    "PICTURES",
    "RECORD",
    "THEMES",
    "what_is_shown",
]

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "chatwidget" / "static"
FONTS = ROOT / "tests" / "frontend" / "node_modules" / "@fontsource-variable"
PICTURES = ROOT / "docs" / "pictures"
RECORD = PICTURES / "SHA256SUMS"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
FILM = PICTURES / "film.webp"
MOST_BYTES = 250_000
MOST_FILM_BYTES = 1_500_000

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

FILMED = (
    "%load_ext chatwidget\n%chat use practice",
    "%%chat --seed 2 -t 0 --max-tokens 60\nWhat does the temperature do?",
    "%chat film",
)
FILM_WIDTH, FILM_STEPS, FILM_PACE = 1200, 60, 80
"""How wide the page is for it, into how many steps the slider goes, and for how many ms each."""
FILM_REST = 1200
"""How many ms it stands still at its ends."""
MOVE = """(slider, value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
}"""
"""Moves a slider as a person does, but without the focus."""

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
        notebook.close()
        FILM.write_bytes(film(lab))
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


def film(lab: Lab) -> bytes:
    """Return the moving picture of a film whose slider goes from end to end, and back."""
    lab.theme(THEMES["light"])
    lab.resize(FILM_WIDTH, HEIGHT)
    notebook = lab.open_notebook(FILMED, {"CHATWIDGET_PRACTICE_PACE": "0"})
    notebook.run_all()
    shown = notebook.output(len(FILMED) - 1).locator(".chatwidget-film-live")
    slider = shown.get_by_role("slider", name="temperature")
    expect(slider).to_be_visible()
    notebook.wait_idle()
    high = float(slider.get_attribute("max") or 0)
    frames = []
    for step in range(FILM_STEPS + 1):
        slider.evaluate(MOVE, high * step / FILM_STEPS)
        frames.append(Image.open(io.BytesIO(shown.screenshot())).convert("RGB"))
    width, height = (max(sizes) for sizes in zip(*(each.size for each in frames), strict=True))
    return moving([on_white(each, width, height) for each in frames])


def on_white(image: Image.Image, width: int, height: int) -> Image.Image:
    """Return a picture of half the size on a white ground: answers differ in their height."""
    ground = Image.new("RGB", (width, height), "white")
    ground.paste(image)
    return ground.resize((width // SCALE, height // SCALE), Image.Resampling.LANCZOS)


def moving(frames: list[Image.Image]) -> bytes:
    """Return pictures as one that goes through them and back, for ever."""
    there = [FILM_REST, *[FILM_PACE] * (len(frames) - 2), FILM_REST]
    back = [FILM_PACE] * (len(frames) - 2)
    webp = io.BytesIO()
    frames[0].save(
        webp,
        "WEBP",
        save_all=True,
        append_images=[*frames[1:], *frames[-2:0:-1]],
        duration=[*there, *back],
        loop=0,
        quality=80,
        method=4,
    )
    return webp.getvalue()


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
