"""Configurations of requests, made by hypothesis of the table of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.request.parameters import PARAMETERS

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.request.parameters import Parameter

NASTY = [
    'it\'s "quoted", `so` and $HOME ${x} $(ls) %PATH% !',
    "two\nlines\r\nand\ttab\\",
    "back\\slash \\n \\u0041 \\' \\\"",
    "é 漢字\u3000 🤖 👩‍👩‍👧 \u202e",
    "ends\u2028here\x85\x0b\x00\x1b[0m",
    '^"carets^" <<EOF\nEOF\n@- # --data-raw',
    "```\n%%chat -t 2\n```",
    " spaces ",
    "-d",
    "null",
    "'''\"\"\"",
]
TEXTS = st.text() | st.sampled_from(NASTY)
NUMBERS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=3)
LISTS: dict[str, st.SearchStrategy[list[Any]]] = {
    "tools": st.lists(OBJECTS, max_size=2),
    "functions": st.lists(OBJECTS, min_size=1, max_size=2),
    "stop": st.lists(TEXTS, min_size=1, max_size=4),
}


def _looks_like_json(text: str) -> bool:
    return text.lstrip().startswith(("{", "["))


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values that the table allows for a parameter; a text that is no JSON."""
    low, high = parameter.minimum, parameter.maximum
    numbers = st.dictionaries(
        st.integers(0, 10**6).map(str), st.integers(int(low or 0), int(high or 0)), max_size=3
    )
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "number": st.floats(low, high),
        "integer": st.integers(
            None if low is None else int(low), None if high is None else int(high)
        ),
        "boolean": st.booleans(),
        "string": TEXTS.filter(lambda text: not _looks_like_json(text)),
        "array": LISTS.get(parameter.name, st.lists(JSON, max_size=3)),
        "object": OBJECTS if low is None else numbers,
    }
    return st.one_of([kinds[kind] for kind in parameter.kinds])


PARAMETER_SETS = st.fixed_dictionaries(
    {}, optional={name: values(each) for name, each in PARAMETERS.items()}
)
EXTRA_BODIES = st.dictionaries(
    st.sampled_from(["top_k", "min_p", "chat_template_kwargs", "größe"]),
    JSON,
    max_size=3,
)


def configs(server: Server) -> st.SearchStrategy[RequestConfig]:
    """Configurations for a server, with a model and perhaps a system message."""
    return st.builds(
        RequestConfig.validated,
        PARAMETER_SETS,
        server=st.just(server),
        model=TEXTS.filter(bool),
        system=st.none() | TEXTS.filter(bool),
        extra_body=EXTRA_BODIES,
    )
