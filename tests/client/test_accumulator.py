from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.request.body import wire_messages
from chatwidget.client.wire.accumulate import ChatCompletionAccumulator
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChoiceLogprobs,
    ChunkChoice,
    CompletionUsage,
    FunctionCall,
    FunctionCallDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
)


def chunk(index: int = 0, finish: str | None = None, **delta: Any) -> ChatCompletionChunk:
    part = ChunkChoice(index=index, delta=ChoiceDelta(**delta), finish_reason=finish)
    return ChatCompletionChunk(choices=[part])


def accumulated(*chunks: ChatCompletionChunk) -> ChatCompletion:
    accumulator = ChatCompletionAccumulator()
    for each in chunks:
        accumulator.feed(each)
    return accumulator.completion


def message(*chunks: ChatCompletionChunk) -> ChatCompletionMessage:
    (choice,) = accumulated(*chunks).choices
    return choice.message


def tool(
    index: int | None = None,
    call_id: str | None = None,
    name: str | None = None,
    arguments: str | None = None,
) -> ToolCallDelta:
    return ToolCallDelta(
        index=index, id=call_id, function=FunctionCallDelta(name=name, arguments=arguments)
    )


def calls(*deltas: ToolCallDelta) -> list[tuple[str, str, str]]:
    """Feed each delta in a chunk of its own; return id, name and arguments of the calls."""
    told = message(*(chunk(tool_calls=[delta]) for delta in deltas)).tool_calls or []
    assert message(chunk(tool_calls=list(deltas))).tool_calls == told
    return [(call.id, call.function.name, call.function.arguments) for call in told]


def test_nothing_fed_is_an_empty_completion() -> None:
    assert accumulated() == ChatCompletion(choices=[])


def test_text_is_joined_also_when_pieces_repeat_T60() -> None:
    assert (
        message(chunk(content="ha"), chunk(content="ha"), chunk(content="ha")).content == "hahaha"
    )


@pytest.mark.parametrize("field", ["refusal", "reasoning", "content"])
def test_each_kind_of_text_is_kept_apart_T64(field: str) -> None:
    told = message(chunk(**{field: "I "}), chunk(**{field: "can't"}), chunk())
    assert told == ChatCompletionMessage(**{field: "I can't"})


def test_reasoning_has_two_names_and_one_text_D10() -> None:
    told = message(
        chunk(reasoning_content="A"),
        chunk(reasoning="B"),
        chunk(reasoning="C", reasoning_content="C"),
    )
    assert told.reasoning == "ABC"


def test_one_chunk_may_hold_reasoning_and_content_D11() -> None:
    told = message(chunk(reasoning="Hm.", content="Hi"))
    assert (told.reasoning, told.content) == ("Hm.", "Hi")


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["assistant", "assistant"], "assistant"),
        ([None, None], "assistant"),
        ([None, "tool"], "tool"),
        (["", "assistant"], "assistant"),
        (["critic", "assistant"], "critic"),
    ],
)
def test_the_role_comes_once_never_or_with_every_chunk_D18(roles: list[str], role: str) -> None:
    assert message(*(chunk(role=each, content="x") for each in roles)).role == role


@pytest.mark.parametrize("field", ["content", "refusal", "reasoning"])
@pytest.mark.parametrize("empty", [None, ""])
def test_a_text_in_which_nothing_is_said_is_none_F45(field: str, empty: str | None) -> None:
    told = message(chunk(role="assistant", **{field: empty}), chunk(**{field: empty}))
    assert told == ChatCompletionMessage()


def test_a_choice_without_a_delta_is_a_choice_F45() -> None:
    told = accumulated(ChatCompletionChunk(choices=[ChunkChoice(finish_reason="length")]))
    assert told.choices == [Choice(finish_reason="length")]


def test_chunks_without_choices_show_nothing_D1() -> None:
    told = accumulated(ChatCompletionChunk(choices=[]), chunk(content="x"))
    assert told.text == "x"


@pytest.mark.parametrize("later", [None, ""])
def test_the_finish_reason_stays_once_told_D8(later: str | None) -> None:
    told = accumulated(chunk(content="x", finish="stop"), chunk(finish=later))
    assert told.finish_reason == "stop"


def test_foreign_finish_reasons_are_kept_D9() -> None:
    assert accumulated(chunk(finish="eos_token")).finish_reason == "eos_token"


@pytest.mark.parametrize("reason", [None, ""])
def test_no_finish_reason_is_not_finished_D8(reason: str | None) -> None:
    accumulator = ChatCompletionAccumulator()
    assert not accumulator.finished
    accumulator.feed(chunk(content="x", finish=reason))
    assert not accumulator.finished


def test_finished_when_every_choice_is_F46() -> None:
    accumulator = ChatCompletionAccumulator()
    accumulator.feed(chunk(0, content="x", finish="stop"))
    assert accumulator.finished
    accumulator.feed(chunk(2, content="y"))
    assert not accumulator.finished
    accumulator.feed(chunk(2, finish="length"))
    assert accumulator.finished


def test_the_head_is_of_the_first_chunk_that_has_one_D18() -> None:
    told = accumulated(
        ChatCompletionChunk(choices=[], id="", model=None, created=1),
        ChatCompletionChunk(choices=[], id="a", model="m", created=2),
        ChatCompletionChunk(choices=[], id="b", model="n", created=3, system_fingerprint="f"),
        ChatCompletionChunk(choices=[], service_tier="flex"),
    )
    assert (told.id, told.model, told.created) == ("a", "m", 2)
    assert (told.system_fingerprint, told.service_tier) == ("f", "flex")
    assert told.object == "chat.completion"


# Tool calls


def test_a_tool_call_comes_in_pieces_T66() -> None:
    told = message(
        chunk(role="assistant", tool_calls=[tool(0, "a", "weather", "")]),
        chunk(tool_calls=[tool(0, arguments='{"city":')]),
        chunk(tool_calls=[tool(0, arguments=' "Oslo"}')]),
        chunk(finish="tool_calls"),
    )
    expected = [ToolCall("a", "function", FunctionCall("weather", '{"city": "Oslo"}'))]
    assert told == ChatCompletionMessage(tool_calls=expected)


def test_a_tool_call_may_come_whole_D12() -> None:
    assert calls(tool(0, "a", "f", "{}")) == [("a", "f", "{}")]


def test_name_and_id_that_are_sent_again_are_not_repeated() -> None:
    told = calls(tool(0, "a", "f", "{"), tool(0, "a", "f", "}"), tool(0, "a", "f"))
    assert told == [("a", "f", "{}")]


def test_pieces_of_arguments_may_be_equal() -> None:
    assert calls(tool(0, "a", "f", "1"), tool(0, arguments="1")) == [("a", "f", "11")]


def test_index_1_may_come_before_index_0_F47() -> None:
    told = calls(tool(1, "b", "g", "1"), tool(0, "a", "f", "0"), tool(1, arguments="1"))
    assert told == [("a", "f", "0"), ("b", "g", "11")]


def test_indexes_may_have_gaps_F47() -> None:
    told = calls(tool(0, "a", "f"), tool(2, "b", "g"), tool(0, arguments="x"))
    assert told == [("a", "f", "x"), ("b", "g", "")]


def test_without_an_index_the_id_tells_the_call_F48() -> None:
    told = calls(
        tool(None, "a", "f", "1"),
        tool(None, "b", "g", "2"),
        tool(None, "a", "f", "3"),
        tool(None, "b", None, "4"),
    )
    assert told == [("a", "f", "13"), ("b", "g", "24")]


def test_without_index_and_id_it_is_the_last_call_F48() -> None:
    told = calls(tool(None, "a", "f", "1"), tool(None, "b", "g", "2"), tool(arguments="3"))
    assert told == [("a", "f", "1"), ("b", "g", "23")]


def test_the_first_call_needs_neither_index_nor_id_F48() -> None:
    assert calls(tool(name="f"), tool(arguments="{}")) == [("", "f", "{}")]


def test_the_same_index_twice_in_a_chunk_is_one_call_F49() -> None:
    assert calls(tool(0, "a", "f", "{"), tool(0, None, None, "}")) == [("a", "f", "{}")]


def test_a_new_id_at_a_known_index_is_a_new_call_F49() -> None:
    told = calls(tool(0, "a", "f", "1"), tool(0, "b", "g", "2"), tool(0, arguments="3"))
    assert told == [("a", "f", "1"), ("b", "g", "23")]


def test_an_id_that_comes_late_belongs_to_its_index() -> None:
    assert calls(tool(0, None, "f", "{"), tool(0, "a", None, "}")) == [("a", "f", "{}")]


def test_a_tool_call_of_another_type_keeps_it() -> None:
    told = message(chunk(tool_calls=[ToolCallDelta(index=0, id="a", type="custom")]))
    assert told.tool_calls == [ToolCall("a", "custom")]


@pytest.mark.parametrize("nothing", [None, []])
def test_no_tool_calls_are_none(nothing: list[ToolCallDelta] | None) -> None:
    assert message(chunk(content="x", tool_calls=nothing)).tool_calls is None


def test_text_first_and_then_a_tool() -> None:
    told = message(chunk(content="Wait."), chunk(tool_calls=[tool(0, "a", "f")]))
    assert (told.content, told.tool_calls) == ("Wait.", [ToolCall("a", function=FunctionCall("f"))])


def test_a_function_call_of_the_old_kind_comes_in_pieces() -> None:
    told = message(
        chunk(function_call=FunctionCallDelta("f", "")),
        chunk(function_call=FunctionCallDelta("f", "{")),
        chunk(function_call=FunctionCallDelta(None, "}")),
    )
    assert told.function_call == FunctionCall("f", "{}")


# Log probabilities and usage


def with_tokens(content: str | None, *tokens: str, refusal: str = "") -> ChatCompletionChunk:
    logprobs = ChoiceLogprobs(
        content=[TokenLogprob(token, -0.5) for token in tokens] or None,
        refusal=[TokenLogprob(token, -0.1) for token in refusal] or None,
    )
    part = ChunkChoice(delta=ChoiceDelta(content=content), logprobs=logprobs)
    return ChatCompletionChunk(choices=[part])


def test_log_probabilities_are_summed_whatever_text_they_come_with_D13_T65() -> None:
    told = accumulated(
        with_tokens("ab", "a", "b"), with_tokens(""), with_tokens(None, "c"), with_tokens("c")
    )
    logprobs = told.choices[0].logprobs
    assert logprobs is not None
    assert [each.token for each in logprobs.content or ()] == ["a", "b", "c"]
    assert logprobs.refusal is None


def test_log_probabilities_of_a_refusal_are_kept_apart_T65() -> None:
    logprobs = accumulated(with_tokens(None, refusal="no")).choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is None
    assert [each.token for each in logprobs.refusal or ()] == ["n", "o"]


def test_no_log_probabilities_are_none_D14() -> None:
    assert accumulated(with_tokens("a")).choices[0].logprobs is None


def usage_of(*usages: CompletionUsage | None) -> CompletionUsage | None:
    return accumulated(*(ChatCompletionChunk(choices=[], usage=each) for each in usages)).usage


def test_usage_comes_in_a_chunk_without_choices_D1() -> None:
    told = accumulated(
        chunk(content="x"), ChatCompletionChunk(choices=[], usage=CompletionUsage(1, 2, 3))
    )
    assert (told.text, told.usage) == ("x", CompletionUsage(1, 2, 3))


def test_usage_that_grows_with_each_chunk_is_its_last_D3() -> None:
    assert usage_of(*(CompletionUsage(1, n, 1 + n) for n in range(4))) == CompletionUsage(1, 3, 4)


def test_zeros_at_the_end_do_not_wipe_the_usage_D3() -> None:
    assert usage_of(CompletionUsage(1, 2, 3), CompletionUsage(), None) == CompletionUsage(1, 2, 3)


def test_no_usage_is_none_D2() -> None:
    assert usage_of(None) is None


# Characters that servers cut


def test_halves_of_a_character_become_whole_again() -> None:
    # a mock of the vendor's server cuts its text by UTF-16 units
    assert message(*(chunk(content=each) for each in "\ud83d\udc4b!")).content == "👋!"


def test_half_a_character_becomes_a_replacement_character() -> None:
    accumulator = ChatCompletionAccumulator()
    accumulator.feed(chunk(content="a\ud83d"))
    assert accumulator.completion.text == "a\ufffd"
    accumulator.feed(chunk(content="\udc4bb"))
    assert accumulator.completion.text == "a👋b"


@given(st.lists(st.text(st.characters(), max_size=3)))
def test_any_pieces_give_a_text_that_can_be_encoded(pieces: list[str]) -> None:
    told = accumulated(*(chunk(content=each) for each in pieces))
    assert told.text.encode().decode() == told.text


def test_halves_in_reasoning_and_refusal_become_whole_again() -> None:
    told = message(
        chunk(reasoning="\ud83d", refusal="\ud83d"), chunk(reasoning="\udc4b", refusal="\udc4b")
    )
    assert (told.reasoning, told.refusal) == ("👋", "👋")


# At any moment, and in any order


def test_the_completion_can_be_looked_at_after_every_chunk() -> None:
    accumulator = ChatCompletionAccumulator()
    seen = []
    for each in "abc":
        accumulator.feed(chunk(content=each))
        seen.append(accumulator.completion)
    assert [each.text for each in seen] == ["a", "ab", "abc"]


def test_what_was_looked_at_does_not_change_later() -> None:
    accumulator = ChatCompletionAccumulator()
    accumulator.feed(with_tokens("a", "a"))
    accumulator.feed(chunk(tool_calls=[tool(0, "a", "f", "1")]))
    early = accumulator.completion
    before = repr(early)
    accumulator.feed(with_tokens("b", "b"))
    accumulator.feed(chunk(tool_calls=[tool(0, arguments="2"), tool(1, "b", "g")], finish="stop"))
    assert repr(early) == before


def test_choices_are_in_the_order_of_their_index_F46() -> None:
    told = accumulated(chunk(3, content="d"), chunk(0, content="a"), chunk(3, content="!"))
    assert [(each.index, each.message.content) for each in told.choices] == [(0, "a"), (3, "d!")]


def test_several_choices_may_share_a_chunk_F46() -> None:
    parts = [ChunkChoice(index=i, delta=ChoiceDelta(content=str(i))) for i in (1, 0)]
    told = accumulated(ChatCompletionChunk(choices=parts), ChatCompletionChunk(choices=parts))
    assert [each.message.content for each in told.choices] == ["00", "11"]


def choice_chunks(index: int, pieces: list[str]) -> list[ChatCompletionChunk]:
    return [
        chunk(index, role="assistant", content=""),
        *(chunk(index, content=piece, tool_calls=[tool(0, "a", "f", piece)]) for piece in pieces),
        chunk(index, finish="stop"),
    ]


@given(st.data(), st.lists(st.lists(st.text(max_size=4), max_size=4), min_size=1, max_size=4))
def test_interleaved_choices_are_told_apart_in_any_order_F46(
    data: st.DataObject, texts: list[list[str]]
) -> None:
    apart = [choice_chunks(index, pieces) for index, pieces in enumerate(texts)]
    waiting = [list(chunks) for chunks in apart]
    mixed = []
    while any(waiting):
        mixed.append(data.draw(st.sampled_from([each for each in waiting if each])).pop(0))
    told = accumulated(*mixed)
    assert told.choices == [choice for chunks in apart for choice in accumulated(*chunks).choices]
    contents = [choice.message.content for choice in told.choices]
    assert contents == ["".join(pieces) or None for pieces in texts]


def test_chunks_are_not_changed_by_being_accumulated() -> None:
    first = with_tokens("a", "a")
    before = repr(first)
    accumulated(first, with_tokens("b", "b"))
    assert repr(first) == before


def test_what_a_server_wants_back_with_a_tool_call_goes_back_D12() -> None:
    signature = {"google": {"thought_signature": "c2ln"}}
    accumulator = ChatCompletionAccumulator()
    for call in (
        ToolCallDelta(0, "1", "function", FunctionCallDelta("f", "{"), signature),
        ToolCallDelta(0, function=FunctionCallDelta(arguments="}")),
        ToolCallDelta(1, "2", "function", FunctionCallDelta("g", "{}")),
    ):
        delta = ChoiceDelta(tool_calls=[call])
        accumulator.feed(ChatCompletionChunk(choices=[ChunkChoice(delta=delta)]))
    (sent,) = wire_messages([accumulator.completion.choices[0].message])
    first, second = sent["tool_calls"]
    assert first["extra_content"] == signature
    assert "extra_content" not in second
