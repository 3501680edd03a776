"""Requests are read as people paste them, and nothing in them is run."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.errors import ChatWidgetError, ConfigurationError, ParameterError
from chatwidget.prompt.request_snippet import as_curl, read_request
from chatwidget.prompt.request_snippet.curl_reading import shell_words

CANARY = "canary-7f3c1d90ab"
URL = "https://api.openai.com/v1/chat/completions"
BODY = '{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "temperature": 0.2}'
CONFIG = RequestConfig(model="m", parameters={"temperature": 0.2})
AT_OPENAI = RequestConfig(server=PROFILES["openai"], model="m", parameters={"temperature": 0.2})
CALL = "client.chat.completions.create(model='m', messages=messages, temperature=.2)"


@pytest.mark.parametrize(
    "text",
    [
        "%%chat -m m -t 0.2",
        "  %%chat -m m -t 0.2\nWhat is it?\n%%chat -t 2",
        "\n\n# how I ask\n\n%%chat m -t 0.2\r\nHi",
        "```\n%%chat m -t 0.2\nHi\n```",
        BODY,
        f"```json\n{BODY}\n```",
        f"\n~~~\n{BODY}\n~~~\nAnd so on.",
        f'{{"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {BODY}}}',
        "{'model': 'm', 'temperature': .2, 'store': None, 'stream': True}",
        "request = {'model': 'm', 'temperature': .2}\nrequests.post(url, json=request)",
        "# as the log has it\n{'model': 'm', 'messages': [ask], 'temperature': .2}",
        CALL,
        f"  client = OpenAI()\n  answer = {CALL}\n",
        f"```python\nprint({CALL})\n```",
        f"async def ask():\n    return await AsyncOpenAI().{CALL.removeprefix('client.')}",
        "openai.ChatCompletion.create(model='m', messages=[], temperature=.2)",
        "client.beta.chat.completions.parse(model='m', messages=[], temperature=.2)",
        "create_chat_completion('Hi', 'm', temperature=.2)",
        "await acreate_chat_completion(messages, 'm', temperature=.2, stream_to=print)",
        "start_chat_completion(messages, model='m', temperature=.2, stream_to=queue)",
        "with client.stream(messages, 'm', temperature=.2) as answer: ...",
        "ChatClient().create_chat_completion(messages, 'm', temperature=.2, timeout=find())",
        "options = {'temperature': .2}\ncreate_chat_completion('Hi', 'm', **options)",
        "MODEL, T = 'm', .2\nname = 'm'\nt = .2\nstream(ask, name, temperature=t)",
        "create_chat_completion('Hi', 'm', extra_body={'temperature': .2})",
    ],
)
def test_one_request_in_many_forms(text: str) -> None:
    assert read_request(text) == CONFIG


@pytest.mark.parametrize(
    "text",
    [
        f"curl {URL} -d '{BODY}'",
        f"$ curl -sSN -X POST '{URL}' \\\n  -H 'A: b' \\\n  --data '{BODY}' | jq .choices",
        f"!curl --url {URL} -H \"Authorization: Bearer $KEY\" --data-raw '{BODY}'; echo",
        f"# ask\ncurl.exe {URL} `\n -HContent-Type:x `\n -d '{BODY}'",
        f'curl {URL} ^\n  -H "A: b" ^\n  --json {json.dumps(BODY)}',
        f"curl --proxy http://other:1/ -o out.json {URL} --data-binary '{BODY}' # and so on",
        f"curl {URL} -sd'{BODY}'",
        f"curl {URL} -d $'{BODY}'",
        f"curl {URL} -d @- <<'EOF'\n{BODY}\nEOF\necho $HOME",
        f"curl {URL} -d @- <<EOF\n{BODY}\nEOF",
        f"```bash\ncurl {URL} \\ \n  -u name:word -d '{BODY}'\n```",
        'curl ^"' + URL + '^" ^\n -H ^"A: b^" ^\n --data-raw ^"^{^\\^"model^\\^":^\\^"m^\\^",'
        '^\\^"temperature^\\^":0.2^}^"',
        f"client = OpenAI(base_url='https://api.openai.com/v1/', api_key=key)\n{CALL}",
        f"other = OpenAI(base_url=URL)\nclient = OpenAI(base_url='https://api.openai.com/v1')\n{CALL}",
        "ChatClient('openai').create_chat_completion(ask, 'm', temperature=.2)",
        "create_chat_completion(ask, 'm', temperature=.2, server='openai')",
        "%%chat m -t 0.2 --server openai",
    ],
)
def test_the_server_is_that_of_the_text(text: str) -> None:
    assert read_request(text) == AT_OPENAI


def test_another_server_is_seen() -> None:
    read = read_request(f"curl localhost:1234/v1/chat/completions -d '{BODY}'").server
    assert read is not None
    assert read.base_url == "http://localhost:1234/v1"
    assert read.key_variable is None
    assert read_request(f"curl $BASE/v1/chat/completions -d '{BODY}'").server is None
    assert read_request(f"client = OpenAI(base_url=BASE)\n{CALL}").server is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"curl http://example.com/v1/chat/completions -d '{BODY}'", "Plain http"),
        (f"client = OpenAI(base_url='http://example.com/v1')\n{CALL}", "Plain http"),
        (f"curl {URL}?key={CANARY} -d '{BODY}'", "query"),
        (f"curl https://me:{CANARY}@host/v1/chat/completions -d '{BODY}'", "password"),
        (f"curl https://api.openai.com/v1/responses -d '{BODY}'", "ends with /chat/completions"),
        (f"curl -d '{BODY}'", "no address"),
        (f"curl {URL}", "no body"),
        (f"curl {URL} -d '{BODY}' -d '{BODY}'", "several bodies"),
        (f"curl {URL} -d @body.json", "in a file"),
        (f"curl {URL} -d '{BODY}", "quote is not closed"),
        (f'curl {URL} -d "{{\\"model\\": \\"$MODEL\\"}}"', r"holds \$MODEL"),
        (f"curl {URL} -d '{{\"model\": \"'${{MODEL:-{CANARY}}}'\"}}'", r"holds \$MODEL,"),
        (f'curl {URL} -d "$(cat {CANARY})"', "output of a command"),
        ('{"model": "m", "temperature": }', "line 1, column 31"),
        ('{"model": "m", "temperature": NaN}', "NaN is no JSON value"),
        ('{"url": "/v1/embeddings", "body": {"model": "m"}}', "for another address"),
        ("create(**options)\nstream('Hi', **options)", r"What \*\* puts"),
        ("stream('Hi', temperature=t)", "value of temperature is computed"),
        ("stream('Hi', metadata={'a': now()})", "value of metadata is computed"),
        ("stream('Hi', extra_body=fields)", "value of extra_body is computed"),
        ("t = 0\nt = 1\nstream('Hi', temperature=t)", "value of temperature is computed"),
        ("stream([{'role': 'system', 'content': f'{x}'}])", "system message is computed"),
        ("{'model': 'm', 'temperature': t}", "value of temperature is computed"),
        ("stream('Hi', tools=[add])", "value of tools is computed"),
        ("%%chat 'Be", "cannot be split"),
        ("%%chat --no-such-flag", "no flag --no-such-flag"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        read_request(text)
    assert caught.value.hint
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "parameter", "reason"),
    [
        ("create_chat_completion('Hi', temperature=3)", "temperature", "from 0 to 2"),
        ("%%chat -t 3", "temperature", "from 0 to 2"),
        ('{"model": "m", "temperature": "hot"}', "temperature", "a number"),
        ('{"model": "m", "temperature": 1e999}', "temperature", "from 0 to 2"),
        (f'curl {URL} -d \'{{"model": "m", "n": 0}}\'', "n", "from 1 to 128"),
        ("stream('Hi', temprature=1)", "temprature", "Did you mean temperature"),
        ("stream('Hi', **{'temprature': 1})", "temprature", "Did you mean temperature"),
        (CALL.replace("temperature", "top_k"), "top_k", "There is no request parameter"),
        ("{'model': 7, 'messages': []}", "model", "takes a text; got int"),
        ("{'model': 'm', 'metadata': {'a': b'b'}}", "metadata", "cannot be written as JSON"),
        ("{'model': 'm', 'top_k': {1, 2}}", "top_k", "cannot be written as JSON"),
        ("{'model': 'm', 5: 6}", "extra_body", "names of its fields"),
        ('{"model": "m", "user": "\\ud800"}', "user", "cannot be written as JSON"),
        ("stream('Hi', extra_body=[1])", "extra_body", "a dictionary of fields"),
        ("stream('Hi', extra_body={'model': 'x'})", "model", "would replace model"),
        ("stream('Hi', extra_body={'messages': []})", "messages", "would replace messages"),
        ("%%chat --set messages=[]", "messages", "would replace messages"),
        ("%%chat --set stream=true", "stream", "would replace stream"),
        ('{"messages": [{"role": "system", "content": 7}]}', "messages", "from the system"),
    ],
)
def test_a_wrong_field_is_named(text: str, parameter: str, reason: str) -> None:
    with pytest.raises(ParameterError, match=reason) as caught:
        read_request(text)
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "f(x)",
        "def",
        "\0",
        "(" * 500,
        "[" * 10_000,
        "1+" * 20_000 + "1",
        "{}",
        "[1]",
        "%%chatter -t 0.2",
        "%chat set temperature=0.2",
        "curling is a sport",
        '{"id": "1", "model": "m", "choices": []}',
        "headers = {'Authorization': 'Bearer x'}\nprint(headers)",
    ],
)
def test_what_is_no_request_is_refused_with_what_can_be_pasted(text: str) -> None:
    with pytest.raises(ConfigurationError, match="Paste ") as caught:
        read_request(text)
    assert "neither" in caught.value.message


def test_pasted_code_is_read_and_not_run() -> None:
    text = "client.create_chat_completion([], 'm', temperature=__import__('os').getpid())"
    with pytest.raises(ConfigurationError, match="pasted code is not run"):
        read_request(text)


def test_what_is_computed_beside_the_parameters_does_not_matter() -> None:
    text = "reply = create_chat_completion(messages, model='m', seed=-7, stream_to=print)"
    assert read_request(text) == RequestConfig(model="m", parameters={"seed": -7})


@pytest.mark.parametrize(
    "messages",
    [
        "[{'role': 'system', 'content': 'Be brief.'}, {'role': 'user', 'content': ask()}]",
        "[{'role': 'developer', 'content': RULES}, *history, make(question)]",
        "[{'role': 'system', 'content': [{'type': 'text', 'text': 'Be brief.'}]}]",
        "asked",
    ],
)
def test_only_what_the_system_says_is_taken_of_the_messages(messages: str) -> None:
    text = (
        "RULES = 'Be brief.'\nasked = [{'role': 'system', 'content': RULES}, {'role': 'user'}]\n"
        f"create_chat_completion({messages})"
    )
    assert read_request(text) == RequestConfig(system="Be brief.")


def test_fields_that_are_no_parameters_go_to_extra_body() -> None:
    body = {"model": "m", "top_k": 4, "seed": 1, "stream": True, "extra_body": {"min_p": 0.1}}
    assert read_request(json.dumps(body)) == RequestConfig(
        model="m", parameters={"seed": 1}, extra_body={"top_k": 4, "min_p": 0.1}
    )


def test_the_first_request_of_a_program_is_read() -> None:
    text = "def later():\n    stream('Hi', seed=1)\n\nstream('Hi', seed=2)"
    assert read_request(text).parameters == {"seed": 1}


def test_a_fence_within_a_message_is_no_fence() -> None:
    text = "create_chat_completion([{'role': 'system', 'content': '''\n```\nx\n```\n'''}])"
    assert read_request(text).system == "\n```\nx\n```\n"


def test_what_a_browser_quotes_for_bash_is_read() -> None:
    body = r'{"model":"m","user":"it\'s \u0021 \ud83e\udd16","metadata":{"a":"\\n"}}'
    read = read_request(f"curl '{URL}' \\\n  -H 'accept: */*' \\\n  --data-raw $'{body}'")
    assert read.parameters == {"user": "it's ! 🤖", "metadata": {"a": "\n"}}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"it\'s \"so\"", 'it\'s "so"'),
        (r"\u0021 \ud83e\udd16 \U0001f916 \UFFFFFFFF", "! 🤖 🤖 \ufffd"),
        (r"\303\251 \xc3\xa9 \xff \x41", "é é \ufffd A"),
        (r"a\\nb \? \e", "a\\nb ? \x1b"),
    ],
)
def test_the_escapes_of_bash_are_undone(written: str, text: str) -> None:
    (word,) = shell_words(f"$'{written}'")
    assert word.text == text


KEYED = [
    f"curl {URL} -H 'Authorization: Bearer {CANARY}' -H 'api-key: {CANARY}' -d '%s'",
    f"curl {URL} -u me:{CANARY} --oauth2-bearer {CANARY} -d '%s'",
    f"OpenAI(api_key='{CANARY}').chat.completions.create(**%s)",
    f"key = '{CANARY}'\nstream(**%s, openai_api_key=key, extra_headers={{'Authorization': key}})",
]


@pytest.mark.parametrize("form", KEYED)
def test_a_key_is_passed_over(form: str) -> None:
    assert CANARY not in repr(read_request(form % '{"model": "m", "temperature": 0.2}'))


@pytest.mark.parametrize("name", ["api_key", "openai_api_key", "extra_headers", "Authorization"])
@pytest.mark.parametrize(
    "form",
    [
        '{{"model": "m", "{}": "{}"}}',
        "stream('Hi', extra_body={{'{}': '{}'}})",
        "%%chat --set {}={}",
    ],
)
def test_a_field_with_a_key_is_left_out(form: str, name: str) -> None:
    assert read_request(form.format(name, CANARY)).extra_body == {}


@pytest.mark.parametrize("form", KEYED)
@pytest.mark.parametrize("body", ['{"model": "m", "temperature": 3}', '{"model": ', "$X", "'"])
def test_no_error_and_no_frame_of_it_holds_a_key(form: str, body: str) -> None:
    with pytest.raises(ChatWidgetError) as caught:
        read_request(form % body)
    error = caught.value
    frames = list(traceback.walk_tb(error.__traceback__))[1:]
    assert CANARY not in repr([frame.f_locals for frame, _ in frames])
    assert CANARY not in f"{error!r} {error} {error.__cause__} {error.__context__}"


def test_a_key_in_the_place_of_a_value_is_not_echoed() -> None:
    with pytest.raises(ParameterError) as caught:
        read_request("stream('Hi', temperature='sk-canary-7f3c1d90ab')")
    assert "canary" not in str(caught.value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for each in (text, f"curl {text}", f"curl {URL} -d {text}", f"{{{text}", f"%%chat {text}"):
        try:
            read = read_request(each)
        except ChatWidgetError:
            continue
        assert isinstance(read, RequestConfig)


def test_a_long_text_is_read_in_good_time() -> None:
    config = RequestConfig(server=PROFILES["openai"], model="m", system="it's\n" * 100_000)
    messages: list[Any] = [{"role": "system", "content": config.system}]
    assert read_request(as_curl(config, messages)) == config
