"""A process that writes to a store and tells of each row when it is stored, until it is killed."""

from __future__ import annotations

import sys
import threading

from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.tuning.store import StoredAnswer, store_at


def main() -> None:
    """Write rows for ever: ``killed_writer.py FILE NUMBER``."""
    store, writer, lock = store_at(sys.argv[1]), int(sys.argv[2]), threading.Lock()
    free = threading.Semaphore(100)
    draw = 0
    while free.acquire():
        draw += 1
        text = f"{writer} {draw} " + "x" * 2000
        completion = ChatCompletion([Choice(0, ChatCompletionMessage(content=text), "stop")])

        def tell(_: object, draw: int = draw) -> None:
            with lock:
                sys.stdout.write(f"{draw}\n")
                sys.stdout.flush()
            free.release()

        key = bytes([writer]) * 32
        store.keep(key, draw, StoredAnswer(completion)).add_done_callback(tell)


if __name__ == "__main__":
    main()
