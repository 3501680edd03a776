from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from typing import Any

import httpx
import pytest

from chatwidget.practice import AsyncPracticeTransport, PracticeTransport
from chatwidget.practice.pacing import PACE_VARIABLE

BASE = "http://practice.invalid/v1"


def request(**parameters: Any) -> dict[str, Any]:
    return {
        "model": "practice",
        "messages": [{"role": "user", "content": "What does top_p do?"}],
        "temperature": 0,
        **parameters,
    }


@pytest.fixture(autouse=True)
def _no_pace_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PACE_VARIABLE, raising=False)


def texts(lines: list[str]) -> str:
    events = [line.removeprefix("data: ") for line in lines if line]
    assert events.pop() == "[DONE]"
    choices = [choice for event in events for choice in json.loads(event)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def test_a_client_gets_a_real_response() -> None:
    with httpx.Client(transport=PracticeTransport(pace=0), base_url=BASE) as client:
        response = client.post("/chat/completions", json=request())
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert response.headers["content-length"] == str(len(response.content))
        answer = response.json()["choices"][0]["message"]["content"]
        assert answer.startswith("top_p keeps")


def test_a_client_streams() -> None:
    with httpx.Client(transport=PracticeTransport(pace=0), base_url=BASE) as client:
        whole = client.post("/chat/completions", json=request()).json()
        with client.stream("POST", "/chat/completions", json=request(stream=True)) as response:
            assert response.headers["content-type"] == "text/event-stream"
            assert texts(list(response.iter_lines())) == whole["choices"][0]["message"]["content"]


def test_an_asynchronous_client_gets_the_same() -> None:
    async def both() -> tuple[str, str]:
        transport = AsyncPracticeTransport(pace=0)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            whole = (await client.post("/chat/completions", json=request())).json()
            body = request(stream=True)
            async with client.stream("POST", "/chat/completions", json=body) as response:
                lines = [line async for line in response.aiter_lines()]
            return whole["choices"][0]["message"]["content"], texts(lines)

    whole, streamed = asyncio.run(both())
    assert streamed == whole
    assert whole.startswith("top_p keeps")


def test_errors_are_responses() -> None:
    with httpx.Client(transport=PracticeTransport(pace=0), base_url=BASE) as client:
        response = client.post("/chat/completions", json=request(temperature=9))
        assert response.status_code == 400
        assert response.json()["error"]["param"] == "temperature"
        assert client.get("/models").json()["data"][0]["id"] == "practice"
        assert client.get("/elsewhere").status_code == 404


def test_a_stream_comes_at_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    with httpx.Client(transport=PracticeTransport(pace=0.25), base_url=BASE) as client:
        client.post("/chat/completions", json=request(stream=True, max_tokens=5))
    assert pauses == [0.25] * 8  # the role, five tokens, the finish, and the end of the stream


def test_closing_a_stream_stops_the_writing() -> None:
    with (
        httpx.Client(transport=PracticeTransport(pace=0), base_url=BASE) as client,
        client.stream("POST", "/chat/completions", json=request(stream=True)) as response,
    ):
        events = response.iter_raw()
        next(events)
        response.close()
        assert len(list(events)) == 0


def test_a_stream_can_be_closed_from_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    pausing, closed = threading.Event(), threading.Event()

    def pause(_: float) -> None:
        pausing.set()
        closed.wait(5)

    monkeypatch.setattr(time, "sleep", pause)
    with httpx.Client(transport=PracticeTransport(pace=1), base_url=BASE) as client:
        body = request(stream=True)
        with client.stream("POST", "/chat/completions", json=body) as response:
            received: list[bytes] = []
            reader = threading.Thread(target=lambda: received.extend(response.iter_raw()))
            reader.start()
            assert pausing.wait(5)
            response.close()
            closed.set()
            reader.join(5)
            assert not reader.is_alive()
            assert len(received) == 1


def test_cancelling_a_task_stops_an_asynchronous_stream() -> None:
    async def cancelled() -> int:
        received: list[str] = []
        transport = AsyncPracticeTransport(pace=60)

        async def read() -> None:
            async with (
                httpx.AsyncClient(transport=transport, base_url=BASE) as client,
                client.stream("POST", "/chat/completions", json=request(stream=True)) as response,
            ):
                async for line in response.aiter_lines():
                    received.append(line)
                    arrived.set()

        arrived = asyncio.Event()
        task = asyncio.create_task(read())
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return len(received)

    assert asyncio.run(asyncio.wait_for(cancelled(), 10)) >= 1


def test_importing_the_package_loads_no_httpx() -> None:
    code = "import sys, chatwidget.practice; sys.exit('httpx' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_models_load_no_httpx_and_no_server() -> None:
    code = (
        "import sys, chatwidget.practice.service as s; s.PracticeService().models;"
        "sys.exit(bool({'httpx', 'starlette', 'uvicorn'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
