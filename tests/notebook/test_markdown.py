from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.render.markup.highlighting import highlight
from chatwidget.render.markup.markdown import code_html, markdown_html
from safe_html import Checked

FORMULA = "chatwidget-math"


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<svg><animate onbegin=alert(1)>",
        "<!-- comment --> <!DOCTYPE html> <?php ?> <![CDATA[x]]>",
        '<a href="javascript:alert(1)">x</a>',
        "<style>body{}</style>\n\n<div id=x name=y data-z=1 style='a:b'>",
        "a <b onclick=alert(1)>b</b> c",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_raw_html_is_text(source: str) -> None:
    checked = Checked(markdown_html(source))
    assert not checked.links
    assert "alert(1)" not in source or "alert(1)" in checked.text


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#x09;script:alert(1)",
        "&#106;avascript:alert(1)",
        "javascript&colon;alert(1)",
        "\\javascript:alert(1)",
        "\x01javascript:alert(1)",
        "<java\tscript:alert(1)>",
        "data:text/html,<script>alert(1)</script>",
        "data:image/png;base64,AAAA",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "//evil.example",
        "/lab/api",
        "relative/path",
        "#anchor",
        "https:",
        "https:///x",
        "http:evil",
        "blob:https://x",
        # a front end takes what a browser cannot parse for a path to the Jupyter server's files
        "http://a.b:99999/files/x",
        "https://a.b:65536",
        "http://a.b:x/",
        "https://:80/x",
        "http://[::1/x",
        "http://a^b/x",
        "http://a%00b/",
        "http://%zz/",
        "http://1.2.3.999/",
        "http://a.0x/",
        "http://a..b/",
        "http://xn--zz--/",
        "https://\u200b/x",
        "https://\uff0fx/",
    ],
)
def test_other_addresses_are_shown_and_lead_nowhere(address: str) -> None:
    for source in (f"[click]({address})", f"![click]({address})", f"<{address}>"):
        checked = Checked(markdown_html(source))
        assert not checked.links
        assert "click" in checked.text or source.startswith("<")


@pytest.mark.parametrize(
    "address",
    [
        "https://a.b/c?d=1&e=2",
        "http://a.b",
        "mailto:a@b.c",
        "http://localhost:8888/lab",
        "https://a.b:65535/",
        "http://127.0.0.1:80/",
        "http://[::1]:8000/",
        "https://xn--r8jz45g.jp/",
        "https://user@a_b.c/",
    ],
)
def test_web_and_mail_addresses_are_links_that_show_where_they_lead(address: str) -> None:
    assert Checked(markdown_html(f'[text]({address} "a lie")')).links == [address]
    assert Checked(markdown_html(f"<{address}>")).links == [address]


def test_an_image_is_a_link_that_names_its_host() -> None:
    html = markdown_html("![a **cat**](https://example.org/cat.png)")
    assert Checked(html).text.strip() == "image: a cat (example.org)"
    assert Checked(html).links == ["https://example.org/cat.png"]


def test_an_image_in_a_link_is_text_of_the_link() -> None:
    checked = Checked(markdown_html("[![badge](https://img.org/b)](https://site.org)"))
    assert checked.links == ["https://site.org"]
    assert "badge (img.org)" in checked.text


def test_links_are_not_active_while_more_text_may_come() -> None:
    html = markdown_html("[a](https://b.c) ![d](https://e.f) <https://g.h>", unfinished=True)
    assert not Checked(html).links


def test_definitions_of_references_are_shown() -> None:
    checked = Checked(markdown_html("[a][b]\n\n[b]: https://c.d"))
    assert checked.links == ["https://c.d"]
    assert "[a][b]" in checked.text
    assert "[b]: https://c.d" in checked.text


def test_code_has_class_names_and_keeps_its_text() -> None:
    html = markdown_html("```python\nif x < 1:\n    pass  # why\n```")
    assert Checked(html).text == "if x < 1:\n    pass  # why\n\n"
    assert {"k", "c"} <= Checked(html).classes


def test_the_language_of_code_is_no_class() -> None:
    html = markdown_html("```jp-Button onclick=x\ncode\n```")
    assert Checked(html).classes == {"chatwidget-code"}


@given(st.text(), st.sampled_from(["python", "json", "html", "console", "diff", "c", "nonsense"]))
def test_highlighting_changes_no_character(code: str, language: str) -> None:
    code = code.replace("\r", "\n")  # the renderer's input has one kind of line end
    assert Checked(highlight(code, language)).text == code


def test_a_line_of_minified_code_is_not_highlighted() -> None:
    assert "<span" not in code_html("x=1;" * 1000, "javascript")


@pytest.mark.parametrize(
    ("source", "formula"),
    [
        (r"so \(x^2\) is", r"\(x^2\)"),
        (r"so $x^2$ is", r"\(x^2\)"),
        (r"so $$x^2$$ is", r"\[x^2\]"),
        ("\\[\na\n- b\n\n", None),
        ("\\[\na\n- b\n= c\n\\].", "\\[\na\n- b\n= c\n.\\]"),
        ("text\n$$\nx\n$$\ntext", "\\[\nx\n\\]"),
        ("- item\n  \\[ x \\]", r"\[ x \]"),
        ("from $5 to $10", None),
        ("it is $5, or 5$ more", None),
        ("US$5 million and US$ 6", None),
        ("$5 million and AU$", None),
        ("$ x $", None),
        ("$x$5", None),
        (r"\$x\$", None),
        (r"`\(x\)` and `$y$`", None),
        ("```\n\\[x\\]\n```", None),
        (r"\(  \)", None),
        ("\\begin{align}\na &= b\n\\end{align}", "\\[\\begin{align}\na &= b\n\\end{align}\\]"),
        ("so\n\\begin{cases}\n1\n\\end{cases}\n", "\\[\\begin{cases}\n1\n\\end{cases}\\]"),
        (r"so \begin{equation*}x\end{equation*} holds", r"\[\begin{equation*}x\end{equation*}\]"),
        (
            "- item\n  \\begin{gather}\n  x\n  \\end{gather}",
            "\\[\\begin{gather}\nx\n\\end{gather}\\]",
        ),
        ("\\begin{align}\na\n\n\\end{align}", None),
        ("\\begin{itemize}\n\\item a\n\\end{itemize}", None),
        ("```latex\n\\begin{align}\na\n\\end{align}\n```", None),
    ],
)
def test_what_is_a_formula(source: str, formula: str | None) -> None:
    checked = Checked(markdown_html(source))
    assert (FORMULA in checked.classes) == (formula is not None)
    assert formula is None or formula in checked.text


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\class{jp-Button}{x}",
        r"\cssId{x}{y}",
        r"\style{color:red}{x}",
        r"\def\x{y}",
        r"\newcommand{\x}{y}",
        r"\let\a\href",
        r"\require{html}",
        r"\includegraphics{https://evil.example/x.png}",
        r"\htmlData{a=b}{x}",
    ],
)
def test_tex_that_does_more_than_draw_is_shown_as_code(tex: str) -> None:
    checked = Checked(markdown_html(rf"\({tex}\)"))
    assert FORMULA not in checked.classes
    assert tex in checked.text


def test_an_open_formula_is_shown_as_one_while_more_text_may_come() -> None:
    assert FORMULA in Checked(markdown_html("\\[\nx\n- y", unfinished=True)).classes


def test_columns_are_aligned_by_class() -> None:
    html = markdown_html("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert {"chatwidget-center", "chatwidget-right"} <= Checked(html).classes


@given(st.text())
def test_any_text_becomes_safe_and_complete_html(source: str) -> None:
    Checked(markdown_html(source))
    Checked(markdown_html(source, unfinished=True, continued=True))


@pytest.mark.parametrize("text", ["[x]()", "![x]()"])
def test_a_link_to_nowhere_is_none(text: str) -> None:
    assert Checked(markdown_html(text)).links == []
    assert "<a" not in markdown_html(text)
