"""The way of a value is short: how many of our functions it passes until its request is sent."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

COUNT = """
import sys
from IPython.testing.globalipapp import start_ipython
from IPython.utils.capture import capture_output
import chatwidget
from chatwidget.client import stream

def ask_in_a_cell():
    shell.run_cell_magic("chat", "-t 0.2", "Hello")

def ask_in_code():
    chatwidget.create_chat_completion("Hello", temperature=0.2, server="practice")

def send(*arguments):
    sys.setprofile(None)
    return sent(*arguments)

def profile(frame, event, _):
    if event == "call" and "/chatwidget/" in frame.f_code.co_filename:
        calls.append(frame.f_code.co_filename)

calls, sent, stream.send = [], stream.send, send
shell = start_ipython()
with capture_output():
    shell.run_line_magic("load_ext", "chatwidget")
    for profiler in (None, None, profile):  # what is loaded or made once is no part of the way
        sys.setprofile(profiler)
        {ask}()
print(len(calls), len(set(calls)))
"""


@pytest.mark.parametrize(
    ("ask", "most_calls", "most_modules"),
    [("ask_in_a_cell", 225, 51), ("ask_in_code", 52, 15)],
)
def test_a_value_passes_few_functions_until_it_is_sent(
    ask: str, most_calls: int, most_modules: int
) -> None:
    command = [sys.executable, "-W", "ignore", "-c", COUNT.replace("{ask}", ask)]
    environment = os.environ | {"CHATWIDGET_SERVER": "practice"}  # nothing is looked for
    counted = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    ).stdout
    calls, modules = map(int, counted.split()[-2:])
    assert 0 < calls <= most_calls
    assert 0 < modules <= most_modules
