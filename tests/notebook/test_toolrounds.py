"""An answer in rounds: nothing runs unasked, nothing incomplete runs, and it comes to an end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.client.errors import (
    APIConnectionError,
    ChatWidgetError,
    ConfigurationError,
    ParameterError,
    StoppedError,
    StreamInterruptedError,
)
from chatwidget.client.events import Data, Error, Finish
from chatwidget.client.wire.types import ChatCompletionMessage, FunctionCall, ToolCall
from chatwidget.render.display.parts import parts_of
from chatwidget.render.display.tool_html import round_html
from chatwidget.tools.messages import readable_arguments, rounds_of
from chatwidget.tools.registry import Decision, PendingCall
from cpu import cpu_seconds
from notebook.calling import answering, calling
from wire.replies import chunk, error, event_stream, json_response, sse
from wire.scripted_server import close, stall

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.events import StreamEvent, ToolProgress
    from chatwidget.client.wire.types import ChatCompletion
    from wire.scripted_server import ScriptedServer


class Person:
    """Who is asked before a call runs."""

    def __init__(self, *decisions: Decision) -> None:
        self.decisions = list(decisions)
        self.asked: list[PendingCall] = []

    def __call__(self, call: PendingCall) -> Decision:
        self.asked.append(call)
        return self.decisions.pop(0)


class Listener:
    """A sink that also hears of the calls."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []
        self.progress: list[ToolProgress] = []

    def handle_data(self, event: StreamEvent) -> None:
        self.events.append(event)

    handle_error = handle_finish = handle_data

    def handle_tools(self, progress: ToolProgress) -> None:
        self.progress.append(progress)

    @property
    def end(self) -> StreamEvent:
        """The last event; it is the only one that is no chunk."""
        assert [event for event in self.events if not isinstance(event, Data)] == self.events[-1:]
        return self.events[-1]


class Bench:
    """A session with tools, and what happens in it."""

    def __init__(self, session: ChatSession, server: ScriptedServer) -> None:
        self.session = session
        self.server = server
        self.ran: list[tuple[str, dict[str, Any]]] = []
        self.listener = Listener()
        self.person = Person()

    def add(self, a: int, b: int) -> int:
        """Add two numbers."""
        self.ran.append(("add", {"a": a, "b": b}))
        return a + b

    def fail(self) -> None:
        """Fail."""
        self.ran.append(("fail", {}))
        raise ValueError("too big")

    def ask(self, *decisions: Decision, tools: list[Any] | None = None, **options: Any) -> Any:
        """Ask a question with the tools, and answer what is asked in turn."""
        self.person = Person(*decisions)
        tools = [self.add, self.fail] if tools is None else tools
        question = self.session.question("How much?", tools=tools, **options)
        self.listener = Listener()
        return self.session.ask(question, stream_to=self.listener, approve=self.person)

    def sent(self, number: int) -> list[dict[str, Any]]:
        """Return the messages of a request."""
        messages: list[dict[str, Any]] = self.server.requests[number].json["messages"]
        return messages

    def results(self, number: int = -1) -> list[str]:
        """Return what a request tells the model of its calls."""
        return [each["content"] for each in self.sent(number) if each["role"] == "tool"]


@pytest.fixture
def bench(server: ScriptedServer) -> Bench:
    session = ChatSession(server.url)
    session.model = "scripted"
    return Bench(session, server)


YES, NO, ALWAYS = Decision.YES, Decision.NO, Decision.ALWAYS
SUM = ("add", {"a": 1, "b": 2})


def test_the_model_gets_the_result_and_answers(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM, text="Let me see."))
    server.reply(*answering("It is 3."))
    completion = bench.ask(YES)
    assert bench.ran == [SUM]
    assert completion.text == "It is 3."
    user, asked, told = bench.sent(1)
    assert (user["role"], asked["role"], asked["content"]) == ("user", "assistant", "Let me see.")
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == SUM[1]
    assert told == {"role": "tool", "tool_call_id": asked["tool_calls"][0]["id"], "content": "3"}


@pytest.mark.parametrize("name", ["reasoning_content", "thought_signature"])
def test_what_a_server_adds_goes_back_within_the_question_and_is_not_recorded(
    bench: Bench, server: ScriptedServer, name: str
) -> None:
    given = {"name": "add", "arguments": json.dumps(SUM[1])}
    call = {"index": 0, "id": "1", "function": given, "extra_content": {"google": {"x": "y"}}}
    said = chunk(None, 0, "tool_calls", {name: "Hm.", "tool_calls": [call]})
    server.reply(event_stream(sse(said, "[DONE]")))
    server.reply(*answering("It is 3."))
    bench.ask(YES)
    asked = bench.sent(1)[1]
    assert (asked[name], asked["tool_calls"][0]["extra_content"]) == ("Hm.", {"google": {"x": "y"}})
    server.reply(*answering("Yes."))
    bench.ask(tools=None)
    asked = bench.sent(2)[1]
    assert asked.keys() == {"role", "tool_calls"}
    assert asked["tool_calls"][0].keys() == {"id", "type", "function"}


def test_a_custom_tool_with_the_name_of_a_function_is_not_run(
    bench: Bench, server: ScriptedServer
) -> None:
    call = {"index": 0, "id": "1", "custom": {"name": "add", "input": json.dumps(SUM[1])}}
    said = chunk(None, 0, "tool_calls", {"tool_calls": [call]})
    server.reply(event_stream(sse(said, "[DONE]")))
    bench.ask(YES)
    assert (bench.ran, bench.person.asked) == ([], [])
    assert bench.listener.progress[-1].note == "add is a custom tool, which is not run here."


def test_who_listens_hears_all_chunks_and_one_end(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM, text="Let me see. "))
    server.reply(*answering("It is 3."))
    bench.ask(YES)
    assert isinstance(bench.listener.end, Finish)
    data = [event for event in bench.listener.events if isinstance(event, Data)]
    assert "".join(event.chunk.text for event in data) == "Let me see. It is 3."


def test_the_tokens_of_all_rounds_are_counted(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM))
    server.reply(*answering("It is 3."))
    assert tokens(bench.ask(YES)) == 30
    (turn,) = bench.session.conversation.path()
    assert turn.facts["usage"]["completion_tokens"] == 10


def test_the_steps_are_a_part_of_the_conversation(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM))
    for _ in range(2):
        server.reply(*answering("It is 3."))
    bench.ask(YES)
    bench.session.ask(bench.session.question("And?"), stream_to=Listener())
    roles = [message["role"] for message in bench.sent(2)]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert bench.sent(2)[:3] == bench.sent(1)


def test_several_calls_are_asked_one_by_one_and_answered_in_order(
    bench: Bench, server: ScriptedServer
) -> None:
    other = ("add", {"a": 3, "b": 4})
    server.reply(*calling(SUM, other))
    server.reply(*answering("Done."))
    bench.ask(NO, YES)
    assert bench.ran == [other]
    assert bench.results() == ["The user did not allow this call.", "7"]
    ids = [call["id"] for call in bench.sent(1)[1]["tool_calls"]]
    assert [each["tool_call_id"] for each in bench.sent(1)[2:]] == ids


def test_the_loop_goes_on_for_several_rounds(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM))
    server.reply(*calling(("add", {"a": 3, "b": 4})))
    server.reply(*answering("It is 7."))
    assert bench.ask(YES, YES).text == "It is 7."
    assert bench.results() == ["3", "7"]
    # a server that counts calls anew in each answer must not mix up their results
    ids = [each["tool_call_id"] for each in bench.sent(2) if each["role"] == "tool"]
    assert len(set(ids)) == 2


def test_an_exception_goes_back_as_its_type_and_message(
    bench: Bench, server: ScriptedServer
) -> None:
    server.reply(*calling(("fail", {})))
    server.reply(*answering("Sorry."))
    bench.ask(YES)
    assert bench.results() == ["The call failed. ValueError: too big"]
    assert __file__ not in json.dumps(bench.sent(1))


def test_sys_exit_in_a_tool_ends_the_call_only(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(("leave", {})))
    server.reply(*answering("Sorry."))

    def leave() -> None:
        """Leave."""
        sys.exit(3)

    assert bench.ask(YES, tools=[leave]).text == "Sorry."
    assert bench.results() == ["The call failed. SystemExit: 3"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('{"a": 1, "b"', "no JSON object"),
        ("[1, 2]", "no JSON object. It is a list."),
        ('{"a": NaN, "b": 1}', "JSON has no NaN"),
        ('{"a": 1}', "missing required field `b`"),
        ('{"a": "one", "b": 2}', "Expected `int`, got `str`"),
        ('{"a": 1, "b": 2, "c": 3}', "unknown field `c`"),
    ],
)
def test_bad_arguments_go_back_without_asking_anybody(
    bench: Bench, server: ScriptedServer, arguments: str, said: str
) -> None:
    server.reply(*calling(("add", arguments)))
    server.reply(*answering("Sorry."))
    bench.ask()
    assert (bench.ran, bench.person.asked) == ([], [])
    (result,) = bench.results()
    assert result.startswith("Not run: ")
    assert said in result
    # what a model wrote is said again only if a server can read it
    (call,) = bench.sent(1)[1]["tool_calls"]
    assert isinstance(json.loads(call["function"]["arguments"]), dict)


def test_a_tool_that_there_is_not_goes_back(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(("rm", {"path": "/"})))
    server.reply(*answering("Sorry."))
    bench.ask()
    assert bench.results() == ["Not run: there is no tool 'rm'. There are: add, fail."]


@pytest.mark.parametrize(
    "finish", ["length", "content_filter", None, "MAX_TOKENS", "abort", "null", "odd"]
)
def test_calls_of_an_answer_that_was_cut_off_never_run(
    bench: Bench, server: ScriptedServer, finish: str | None
) -> None:
    bench.session.permissions.allow(bench.add)
    server.reply(*calling(SUM, finish=finish))
    completion = bench.ask()
    assert bench.ran == []
    assert len(server.requests) == 1
    assert completion.choices[0].message.tool_calls
    assert "not complete" in bench.listener.progress[-1].note


def test_calls_of_an_answer_that_broke_off_never_run(bench: Bench, server: ScriptedServer) -> None:
    bench.session.permissions.allow(bench.add)
    call = {"index": 0, "id": "1", "function": {"name": "add", "arguments": json.dumps(SUM[1])}}
    server.reply(*event_stream(sse(chunk(None, delta={"tool_calls": [call]}))))
    with pytest.raises(StreamInterruptedError):
        bench.ask()
    assert bench.ran == []


@pytest.mark.parametrize(
    "finish", ["stop", "STOP", "tool_use", "end_turn", "function_call", "FinishReason.TOOL_CALLS"]
)
def test_whole_calls_run_whatever_a_server_calls_their_end(
    bench: Bench, server: ScriptedServer, finish: str
) -> None:
    server.reply(*calling(SUM, finish=finish))
    server.reply(*answering("It is 3."))
    bench.ask(YES)
    assert bench.ran == [SUM]


def test_a_limit_ends_what_would_not_end(bench: Bench, server: ScriptedServer) -> None:
    bench.session.settings.tool_rounds = 2
    bench.session.permissions.allow(bench.add)
    for _ in range(3):
        server.reply(*calling(SUM, text="Once more."))
    completion = bench.ask()
    assert len(bench.ran) == 2
    assert completion.text == "Once more."
    assert "3 times in a row" in bench.listener.progress[-1].note
    assert isinstance(bench.listener.end, Finish)
    # the next request says of the last call that it did not run: servers refuse open calls
    server.reply(*answering("Well."))
    bench.session.ask(bench.session.question("Go on"), stream_to=Listener())
    assert bench.results() == ["3", "3", "Not run."]


def test_always_asks_once(bench: Bench, server: ScriptedServer) -> None:
    for _ in range(2):
        server.reply(*calling(SUM))
        server.reply(*answering("It is 3."))
    bench.ask(ALWAYS)
    bench.ask()
    assert len(bench.ran) == 2
    assert bench.session.permissions.names() == ["add"]


def test_always_holds_for_one_function_and_not_for_its_namesake(
    bench: Bench, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.reply(*calling(SUM))
        server.reply(*answering("It is 3."))
    bench.ask(ALWAYS)

    def add(a: int, b: int) -> int:
        """Do something else."""
        return a - b

    bench.ask(NO, tools=[add])
    assert [call.function for call in bench.person.asked] == [add]


def test_a_forced_call_is_forced_once(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM))
    server.reply(*answering("It is 3."))
    bench.ask(YES, tool_choice="required")
    assert [request.json.get("tool_choice") for request in server.requests] == ["required", None]


def test_what_is_shown_before_it_runs_is_what_runs(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(("add", '{"a": 1, "a": 5,\n "b": 2}')))
    server.reply(*answering("It is 7."))
    bench.ask(YES)
    (call,) = bench.person.asked
    assert json.loads(call.arguments) == bench.ran[0][1] == {"a": 5, "b": 2}


def test_what_goes_on_is_told(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM))
    server.reply(*answering("It is 3."))
    bench.ask(YES)
    told = [
        (bool(each.pending), each.sentence, len(each.steps)) for each in bench.listener.progress
    ]
    assert told == [(True, "May add run?", 1), (True, "add runs.", 1), (False, "", 2)]


def test_nothing_runs_where_nobody_decides(bench: Bench, server: ScriptedServer) -> None:
    bench.session.permissions.allow(bench.add)
    server.reply(*calling(SUM))
    question = bench.session.question("How much?", tools=[bench.add])
    completion = bench.session.ask(question, stream_to=Listener())
    assert completion.choices[0].message.tool_calls
    assert bench.ran == []


def test_a_tool_that_is_only_described_is_for_the_caller(
    bench: Bench, server: ScriptedServer
) -> None:
    server.reply(*calling(SUM, ("search", {})))
    described = {"type": "function", "function": {"name": "search"}}
    completion = bench.ask(tools=[bench.add, described])
    assert bench.ran == []
    assert len(completion.choices[0].message.tool_calls) == 2
    assert "search is only described" in bench.listener.progress[-1].note


def test_several_answers_and_tools_do_not_go_together(bench: Bench, server: ScriptedServer) -> None:
    with pytest.raises(ParameterError, match="n=1"):
        bench.ask(n=2)
    assert server.requests == []


def test_a_coroutine_function_runs_until_it_is_done(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(("wait", {"seconds": 0.01})))
    server.reply(*answering("Done."))

    async def wait(seconds: float) -> str:
        """Wait."""
        await asyncio.sleep(seconds)
        return "waited"

    bench.ask(YES, tools=[wait])
    assert bench.results() == ["waited"]


def test_a_result_that_holds_a_key_stays_here(
    bench: Bench, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "canary-0123456789-abcdef"
    monkeypatch.setenv("SOME_API_KEY", secret)
    bench.session.client.use_key("sk-of-the-session-42")
    server.reply(*calling(("read", {"name": "a"}), ("read", {"name": "b"})))
    server.reply(*answering("Sorry."))

    def read(name: str) -> str:
        """Read a file."""
        return f"key={secret}" if name == "a" else "key=sk-of-the-session-42"

    bench.ask(YES, YES, tools=[read])
    sent = server.requests[1].body.decode()
    assert secret not in sent
    assert "sk-of-the-session-42" not in sent
    assert "SOME_API_KEY" in bench.results()[0]


def tokens(completion: ChatCompletion) -> int:
    assert completion.usage is not None
    return completion.usage.total_tokens


def interrupt() -> None:
    """Interrupt the test as Ctrl-C does."""
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


def interrupting(*_: object) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize("moment", ["asking", "running"])
def test_an_interrupt_ends_it_and_keeps_what_is_there(
    bench: Bench, server: ScriptedServer, moment: str
) -> None:
    def stop(a: int, b: int) -> None:
        """Be interrupted."""
        interrupting()

    server.reply(*calling(SUM, ("stop", SUM[1]), SUM, text="Let me see."))
    bench.session.permissions.allow(bench.add)
    approve: Callable[..., Any] = Person(YES) if moment == "running" else interrupting
    question = bench.session.question("How much?", tools=[bench.add, stop])
    with pytest.raises(KeyboardInterrupt):
        bench.session.ask(question, stream_to=bench.listener, approve=approve)
    end = bench.listener.end
    assert isinstance(end, Error)
    assert isinstance(end.error, StoppedError)
    assert tokens(end.completion) == 15
    (turn,) = bench.session.conversation.path()
    assert turn.status == "stopped"
    results = [step["content"] for step in turn.steps if step["role"] == "tool"]
    assert results[0] == "3"
    assert ("Interrupted" in results[1]) == (moment == "running")
    assert results[2] == "Not run."
    assert turn.messages() == []


def test_a_coroutine_that_is_interrupted_is_cancelled(bench: Bench, server: ScriptedServer) -> None:
    started, cancelled = threading.Event(), threading.Event()

    async def wait() -> None:
        """Wait for a long time."""
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    server.reply(*calling(("wait", {})))
    threading.Thread(target=lambda: started.wait() and interrupt()).start()
    with pytest.raises(KeyboardInterrupt):
        bench.ask(YES, tools=[wait])
    assert cancelled.wait(1)


def test_an_error_of_the_server_in_a_later_round_keeps_the_steps(
    bench: Bench, server: ScriptedServer
) -> None:
    server.reply(*calling(SUM))
    server.reply(json_response(error("no", param="messages"), 400))
    with pytest.raises(ChatWidgetError):
        bench.ask(YES)
    assert isinstance(bench.listener.end, Error)
    (turn,) = bench.session.conversation.path()
    assert turn.status == "failed"
    assert len(turn.steps) == 2


def test_a_stream_that_breaks_in_a_later_round_is_told_once(
    bench: Bench, server: ScriptedServer
) -> None:
    server.reply(*calling(SUM))
    server.reply(*event_stream(sse(chunk("It is")))[:-1], close())
    with pytest.raises(APIConnectionError):
        bench.ask(YES)
    end = bench.listener.end
    assert isinstance(end, Error)
    assert end.completion.text == "It is"
    assert tokens(end.completion) == 15


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(ConfigurationError("Nobody is here."), ConfigurationError), (OSError("gone"), OSError)],
)
def test_who_cannot_decide_ends_the_answer(
    bench: Bench, server: ScriptedServer, failure: Exception, kind: type[Exception]
) -> None:
    def approve(_: PendingCall) -> Decision:
        raise failure

    server.reply(*calling(SUM))
    question = bench.session.question("How much?", tools=[bench.add])
    with pytest.raises(kind):
        bench.session.ask(question, stream_to=bench.listener, approve=approve)
    assert bench.ran == []
    assert isinstance(bench.listener.end, Error)
    assert bench.session.conversation.path()[0].status == "failed"


def test_only_a_decision_decides(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM))
    question = bench.session.question("How much?", tools=[bench.add])
    with pytest.raises(ValueError, match="True"):
        bench.session.ask(question, stream_to=bench.listener, approve=lambda _: True)  # type: ignore[arg-type,return-value] # that is the test
    assert bench.ran == []


def test_it_runs_on_any_thread(bench: Bench, server: ScriptedServer) -> None:
    server.reply(*calling(SUM))
    server.reply(*answering("It is 3."))
    thread = threading.Thread(target=bench.ask, args=(YES,))
    thread.start()
    thread.join(10)
    assert isinstance(bench.listener.end, Finish)


def test_an_interrupt_while_the_next_round_is_awaited_closes_the_connection(
    bench: Bench, server: ScriptedServer
) -> None:
    server.reply(*calling(SUM))
    server.reply(lambda _: interrupt(), stall())
    with pytest.raises(KeyboardInterrupt):
        bench.ask(YES)
    assert server.connections[-1].wait_closed(1)
    assert isinstance(bench.listener.end, Error)
    assert bench.session.conversation.path()[0].steps


# Arguments without end

LONG: dict[str, str] = {
    "a text": json.dumps({"a": "x" * 20_000_000}),
    "no JSON": '{"a": "' + "x" * 20_000_000,
    "many values": json.dumps({"a": [1] * 500_000}),
    "quotes": json.dumps({"a": '"' * 3_000_000}),
}


@pytest.mark.parametrize("arguments", LONG.values(), ids=LONG)
def test_arguments_without_end_do_not_run_and_are_cut_in_all_that_follows(
    bench: Bench, server: ScriptedServer, arguments: str
) -> None:
    server.reply(*calling(("add", arguments)))
    server.reply(*answering("I give up."))
    assert bench.ask().text == "I give up."
    assert bench.ran == []
    assert bench.person.asked == []
    said = f"Not run: the arguments have {len(arguments):,} characters, of which at most 1,000,000"
    assert bench.results()[0].startswith(said)
    (call,) = bench.sent(1)[1]["tool_calls"]
    assert call["function"]["arguments"].startswith('{"unreadable": ')
    assert f"({len(arguments) - 1_000:,} more characters)" in call["function"]["arguments"]
    assert len(json.dumps(bench.sent(1))) < 10_000
    (turn,) = bench.session.conversation.path()
    assert len(repr(turn)) < 10_000
    shown = "".join(round_html(each) for each in rounds_of(bench.listener.progress[-1].steps))
    assert len(shown) < 20_000


@pytest.mark.parametrize(
    "value",
    [{"a": "x" * 900_000}, {"a": [1] * 250_000}, {"a": '"<' * 200_000}],
    ids=["a text", "many values", "markup"],
)
def test_long_arguments_are_shown_whole_at_a_cost_that_is_linear(value: Any) -> None:
    arguments = json.dumps(value)
    call = {"id": "1", "function": {"name": "f", "arguments": arguments}}
    (round_,) = rounds_of([{"role": "assistant", "tool_calls": [call]}])
    assert json.loads(round_.calls[0].arguments) == value
    made: list[str] = []
    assert cpu_seconds(lambda: made.append(round_html(round_))) < 2
    assert len(made[0]) < 8 * len(arguments)


def test_indents_do_not_multiply_what_is_nested() -> None:
    deep: Any = [1] * 100_000
    for _ in range(200):
        deep = [deep]
    arguments = json.dumps({"a": deep})
    readable = readable_arguments(arguments)
    assert len(readable) < 3 * len(arguments)
    assert json.loads(readable) == {"a": deep}
    assert readable_arguments('{"a": [1, 2]}').count("\n") == 5


def test_calls_that_did_not_run_are_cut_where_they_are_shown() -> None:
    call = ToolCall("1", function=FunctionCall("f", json.dumps({"a": "x" * 5_000_000})))
    ((kind, html),) = parts_of(ChatCompletionMessage(tool_calls=[call]))
    assert kind == "tools"
    assert "4,980,009 more characters" in html
    assert len(html) < 100_000
