"""Fuzz the reading of answers: ``python tests/fuzz/fuzz_sse.py -max_total_time=60``.

It needs atheris, which is no dependency of the tests. Whatever the bytes are, and however they
are cut, an answer is read or a `StreamError` raised, and the cut makes no difference.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports():
    from chatwidget.client.errors import StreamError
    from chatwidget.client.wire.response import ResponseParser

_START = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n\n'


def read(pieces: list[bytes]) -> tuple[str, str, str]:
    """Return what comes of an answer: its chunks' text, its text, and its failure."""
    parser = ResponseParser()
    seen = []
    failure = ""
    try:
        for piece in pieces:
            seen.extend(chunk.text for chunk in parser.feed(piece))
        seen.extend(chunk.text for chunk in parser.finish())
    except StreamError as error:
        failure = type(error).__name__
    text = parser.completion.text
    text.encode()
    return "".join(seen), text, failure


def test_one_input(data: bytes) -> None:
    """Read some bytes whole and cut, after a good event or alone."""
    provider = atheris.FuzzedDataProvider(data)
    cut = provider.ConsumeIntInRange(1, 16)
    body = (_START if provider.ConsumeBool() else b"") + provider.ConsumeBytes(len(data))
    whole = read([body])
    pieces = read([body[at : at + cut] for at in range(0, len(body), cut)])
    if whole != pieces:
        raise AssertionError((whole, pieces))


def main() -> None:
    """Run until an input fails, or the time is up."""
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
