"""A process that asks, is interrupted, and asks again; `test_interrupts` runs it.

It prints what it is doing, a line each, and when: ``waiting``, ``reading``, ``listening``, then
``interrupted``, and at last the answer to its second question.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from chatwidget.client.client import AsyncChatClient, ChatClient


def say(word: str) -> None:
    """Tell the test what happens now."""
    print(word, time.monotonic(), flush=True)  # noqa: T201 - this is what the test reads


class Listener:
    """Tells of each event; at the word ``Wait`` it does not come back."""

    def handle_wait(self, wait: Any) -> None:
        """Take a wait."""
        say("waiting")

    def handle_data(self, event: Any) -> Any:
        """Take a chunk."""
        say("reading" if event.chunk.text != "Wait" else "listening")
        if event.chunk.text == "Wait":
            return self.take_long()
        return None

    def handle_error(self, event: Any) -> None:
        """Take the end."""
        say(type(event.error).__name__)

    handle_finish = handle_wait

    def take_long(self) -> Any:
        """Be slow."""
        time.sleep(60)


class AsyncListener(Listener):
    """Is slow without being in the way of others."""

    async def take_long(self) -> None:
        """Be slow."""
        await asyncio.sleep(60)


def ask(url: str) -> str:
    """Ask twice through one client, since the first question is interrupted."""
    with ChatClient(url) as client:
        try:
            client.create_chat_completion("Hello", "m", stream_to=Listener())
        except KeyboardInterrupt:
            say("interrupted")
        return client.create_chat_completion("Hello", "m").text


def ask_later(url: str) -> str:
    """Do the same with asyncio, where an interrupt ends the event loop."""

    async def question(stream_to: Any) -> str:
        async with AsyncChatClient(url) as client:
            return (await client.create_chat_completion("Hello", "m", stream_to=stream_to)).text

    try:
        asyncio.run(question(AsyncListener()))
    except KeyboardInterrupt:
        say("interrupted")
    return asyncio.run(question(None))


if __name__ == "__main__":
    twin, address = sys.argv[1:]
    say("asking")
    say({"sync": ask, "async": ask_later}[twin](address))
