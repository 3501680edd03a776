"""Model Markdown, written anew for all who may read it."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chatwidget.client.text import without_controls
from chatwidget.render.markup.markdown_writer import inert_markdown
from chatwidget.render.markup.rendering import render
from cpu import cpu_seconds
from safe_html import Checked

PAGES = [
    page.read_text("utf-8")
    for page in files("chatwidget.handbook").iterdir()
    if page.name.endswith(".md")
]
PIECES = [
    *["`", "``", "```\n", "<script>", "<b ", "](", "](https://a.b)", "](javascript:x)", "![", "["],
    *["]: javascript:x", "\\", "|", "\n", "\n\n", "    ", "- ", "> ", "text", "!", "&lt;", "~~~\n"],
    *["\n1. ", "# ", "---\n", r"\(x\)", "$y$", "$z", "==\n", "|--|--|\n", "{=latex}", r"\input{x}"],
    *["**", "_", "~~", "--", "@a", "a^2^", "$$", r"\[", r"\]", "\x1b[31m", "]", "(javascript:x)"],
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


def line(text: str) -> str:
    return inert_markdown(text).strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.partition("\n")[0])
def test_ordinary_markdown_means_what_it_meant(page: str) -> None:
    assert render(inert_markdown(page)) == render(page)


def test_ordinary_markdown_stays_as_it_is() -> None:
    text = """# Title

Text with `<div>`, *one* word, snake_case, a[0], 2 < 3 & [a link](https://a.b/c).

```html
<script>
```

1. first
   - inner

     ```python
     a < b
     ```

| a | b |
| :--- | ---: |
| `\\n` | $x$ |

> quoted

"""
    assert inert_markdown(text).strip() == text.strip()


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (r"\(x_1\) and \( y \)", "$x_1$ and $y$"),
        (r"so \[x\] holds", "so $$x$$ holds"),
        ("\\[\nx\n= 1\n\\]", "$$\nx\n= 1\n$$"),
        ("- \\[ x \\]", "- $$x$$"),
        (r"`\(x\)`", r"`\(x\)`"),
        ("    \\(x\\)", "```\n\\(x\\)\n```"),
        ("```\n\\(x\\)\n```", "```\n\\(x\\)\n```"),
        ("- a\n\n  ~~~\n  \\(x\\)\n  ~~~", "- a\n\n  ```\n  \\(x\\)\n  ```"),
        (r"\(x\)2", "$x$&#50;"),
        (r"\(\text{$5}\)", r"&#92;(\\text{\$5}&#92;)"),
        (r"\(a<b\) and \([0](x)\)", "$a< b$ and $[0] (x)$"),
        (r"\([![\)x](https://a.b)", "$[! [$x&#93;(<https://a.b>)"),
        (r"\(`\)", r"&#92;(\`&#92;)"),
        ("\\[\na<b % why\n= [0](x)\n\\]", "$$\na< b\n= [0] (x)\n$$"),
        ("\\[\na\n- b\n\\]", "$$a - b$$"),
        ("from $5 to $10", r"from \$5 to \$10"),
        ("|a|\n|-|\n|\\(\\|x\\|\\)|", "| a |\n| --- |\n| $\\vert x\\vert $ |"),
    ],
)
def test_formulas_stand_between_dollars_and_nothing_else_does(text: str, normal: str) -> None:
    assert line(text) == normal


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        ("<script>x</script>", "&lt;script>x&lt;/script>"),
        ("![alt](https://a.b/c.png)", "[image: alt (a.b)](https://a.b/c.png)"),
        ("Look![alt](https://a.b)", "Look[image: alt (a.b)](https://a.b)"),
        (r"Look\![alt](https://a.b)", r"Look\![alt](https://a.b)"),
        ("[x](javascript:y)", "[x&#93;(javascript:y)"),
        ("[x]() and ![y]()", "x and image: y ()"),
        ("[x]: javascript:y", "[x&#93;: javascript:y"),
        ("[`a`\\[](https://a.b)", "[`a`&#91;](https://a.b)"),
        ("&amp;lt;", "&amp;lt;"),
        ("`a` <b> `c`", "`a` &lt;b> `c`"),
        ("| ` | <script> | ` |", r"\| `| <script> |` \|"),
        (r"\`<script>\`", r"\`&lt;script>\`"),
        ("\x1b[31mred", "[31mred"),
    ],
)
def test_what_could_run_or_load_is_text(text: str, inert: str) -> None:
    assert line(text) == inert


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        (r"\input{secret}", r"\\input{secret}"),
        (r"`x`{=latex}", "`x`&#123;=latex}"),
        ("```{=latex}\nx\n```", "```latex\nx\n```"),
        ("- ```{=latex}\n  x\n  ```", "- ```latex\n  x\n  ```"),
        (r"$\input{secret}$", r"`\(\input{secret}\)`"),
        (r"$^^5cinput{secret}$", r"`\(^^5cinput{secret}\)`"),
        (r"$\input{secret}${=latex}", r"`\(\input{secret}\)`&#123;=latex}"),
        ("$$\n\\input{secret}\n$$", "```\n\\[\n\\input{secret}\n\\]\n```"),
        (r"\begin{x}", r"&#92;begin{x}"),
        ("---\ntitle: x\n---", "***\n\n## title: x"),
        ("% title", r"\% title"),
        ("# T {#id}", "# T {#id&#125;"),
        ("use --flag on x^2+y^2 by @name", r"use -\-flag on x\^2+y\^2 by \@name"),
        ("~5~", r"\~5\~"),
    ],
)
def test_pandoc_finds_no_tex_no_metadata_and_none_of_its_own_marks(text: str, inert: str) -> None:
    assert line(text) == inert


@pytest.mark.parametrize("text", ["1\\. a", "\\# a", "\\- a", "\\> a", "a\n\\===", "\\+ a"])
def test_what_is_no_block_does_not_become_one(text: str) -> None:
    assert line(text) == text


def test_long_code_and_long_tables_stay_whole() -> None:
    code = "\n\n".join(f"line_{number}()" for number in range(2000))
    assert inert_markdown(f"```python\n{code}\n```").count("```") == 2
    rows = "\n".join(f"| {number} | text |" for number in range(2000))
    assert inert_markdown(f"| a | b |\n| --- | --- |\n{rows}").count("---") == 2


def visible(html: str) -> str:
    """The text of HTML, without white space and without what marks formulas."""
    return re.sub(r"\s|\\[()\[\]]|\$", "", Checked(html).text)


@given(TEXTS)
@example("$$\n\\input{x}``$$`")
def test_no_text_is_lost_or_added(text: str) -> None:
    printed = without_controls(text)
    assert visible(render(inert_markdown(text))) == visible(render(printed))


@given(TEXTS | st.text())
def test_no_parser_finds_html_images_or_other_links(text: str) -> None:
    html = MarkdownIt("commonmark").enable("table").render(inert_markdown(text))
    # everything that its own renderer writes is inert, unless the text smuggles something in
    assert not re.search(r"<(?:script|b|img|!--)[\s>]", html)
    assert not re.search(r'(?:href|src)="(?!https?://|mailto:)', html)


@given(TEXTS)
def test_inert_markdown_is_as_safe_to_render_as_any(text: str) -> None:
    Checked(render(inert_markdown(text)))


@pytest.mark.parametrize("pattern", ["*a* ", "[a](http://b) ", "- a\n", "> ", r"\(x\) ", "\\[\n"])
def test_the_cost_is_linear_in_the_length(pattern: str) -> None:
    def cost(size: int) -> float:
        text = (pattern * size)[:size]
        return cpu_seconds(lambda: inert_markdown(text))

    short = max(min(cost(20_000), cost(20_000)), 0.005)
    assert cost(60_000) < 3 * 3 * short  # three times what is linear, for a busy machine
