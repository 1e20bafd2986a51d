"""The model client against an endpoint that fails in every way seen so far."""

import logging
import time
from collections.abc import Iterator

import pytest

from rag.errors import LLMError
from rag.llm import Completion, Deadline, LanguageModel
from rag.prompts import Prompt
from tests.endpoint import (
    Reply,
    breaks_off,
    chunk,
    drips,
    events,
    floods,
    lives,
    refuses,
    says,
    sends,
    serve,
    stalls,
    weighs,
)

KEY = "sk-planted-8c1f2e7d9b"
PROMPT = Prompt(system="Answer.", user="Who?")
OK = says("Twenty ", "people.")


def model(url: str, **options: float) -> LanguageModel:
    return LanguageModel(
        name="scripted", base_url=url, api_key=KEY, **{"timeout": 30.0, "max_tokens": 100, **options}
    )  # type: ignore[arg-type]


def ask(*replies: Reply, seconds: float = 60.0, **options: float) -> Completion:
    with serve(*replies) as endpoint:
        return model(endpoint.base_url, **options).complete(PROMPT, deadline=Deadline(seconds))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.llm.BACKOFF", 0.01)


def test_a_reply_comes_piece_by_piece_and_ends_with_the_whole():
    with serve(OK) as endpoint:
        pieces = list(model(endpoint.base_url).stream(PROMPT, deadline=Deadline(60)))

    assert pieces[:-1] == ["Twenty ", "people."]
    assert isinstance(pieces[-1], Completion)
    assert pieces[-1].text == "Twenty people."


def test_usage_is_reported_as_the_endpoint_counts_it():
    reply = ask(says("Yes.", usage={"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}))

    assert reply.usage == {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}


def test_the_rules_go_as_system_message_and_the_rest_as_the_users():
    with serve(OK) as endpoint:
        model(endpoint.base_url).complete(PROMPT, deadline=Deadline(60), max_tokens=40)

    (request,) = endpoint.requests
    assert [(message["role"], message["content"]) for message in request["messages"]] == [
        ("system", "Answer."),
        ("user", "Who?"),
    ]
    assert (request["model"], request["max_tokens"], request["stream"]) == ("scripted", 40, True)


def test_a_reply_at_the_limit_of_tokens_says_that_it_is_cut():
    assert ask(says("Twenty people were", finish="length")).cut


def test_thoughts_in_the_text_are_left_out():
    reply = ask(says("<th", "ink>The passage says", " 20.</thi", "nk>\n\nTwenty", " people."))

    assert reply.text == "Twenty people."


def test_a_text_that_only_begins_like_a_thought_is_kept():
    assert ask(says("<th", "ree dots")).text == "<three dots"


def test_a_schema_is_sent_along():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    with serve(says('{"n": 20}')) as endpoint:
        model(endpoint.base_url).complete(PROMPT, deadline=Deadline(60), json_schema=schema)

    assert endpoint.requests[0]["response_format"]["json_schema"]["schema"] == schema


def test_one_token_weighs_yes_against_no():
    with serve(weighs(Yes=-0.1, No=-2.4, Maybe=-9.0)) as endpoint:
        chance, _ = model(endpoint.base_url).probability(PROMPT, yes="yes", no="no", deadline=Deadline(60))

    assert chance == pytest.approx(0.909, abs=0.001)


@pytest.mark.parametrize(("said", "chance"), [("Yes", 1.0), (" yes.", 1.0), ("No", 0.0)])
def test_without_log_probabilities_the_word_counts(said: str, chance: float):
    with serve(says(said, finish="length")) as endpoint:
        found, _ = model(endpoint.base_url).probability(PROMPT, yes="yes", no="no", deadline=Deadline(60))

    assert found == chance


@pytest.mark.parametrize(
    "reply", [says("Perhaps", finish="length"), says("<think>", finish="length"), weighs(Hm=-0.1)]
)
def test_a_model_that_says_neither_yes_nor_no_is_an_error(reply: Reply):
    with serve(reply) as endpoint, pytest.raises(LLMError, match="LLM_STRATEGY=single"):
        model(endpoint.base_url).probability(PROMPT, yes="yes", no="no", deadline=Deadline(60))


NO_FINISH = events(chunk({"content": "Twenty people"}), done=False)
GARBAGE = events(chunk({"content": "Twenty"}), "{not json")


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(refuses(401, f"Incorrect API key provided: {KEY}"), "refused the key", id="401"),
        pytest.param(refuses(403), "refused the key", id="403"),
        pytest.param(refuses(404, "model not found"), "has no model 'scripted'", id="404"),
        pytest.param(refuses(400, "max context is 2048 tokens"), "LLM_CONTEXT", id="400 too long"),
        pytest.param(refuses(422, "no field stream_options"), "no field stream_options", id="422"),
        pytest.param(refuses(429, headers={"retry-after": "3600"}), "asks to wait 3600 s", id="429 long"),
        pytest.param(refuses(429, code="insufficient_quota"), "quota is used up", id="429 quota"),
        pytest.param(refuses(429), "no more requests now", id="429"),
        pytest.param(refuses(500, "boom"), r"failed \(500\): boom", id="500"),
        pytest.param(refuses(503, headers={"retry-after": "junk"}), r"failed \(503\)", id="503"),
        pytest.param(sends(b"not json", status=500), r"failed \(500\)", id="500 garbage"),
        pytest.param(sends(b"<p>Hi", headers={"content-type": "text/html"}), "OpenAI protocol", id="html"),
        pytest.param(
            sends(b"{}", headers={"content-type": "application/json"}), "OpenAI protocol", id="json"
        ),
        pytest.param(sends(b"\x00\xff\xfe" * 90), "middle of its answer|OpenAI protocol", id="binary"),
        pytest.param(sends(events("{not json")), "not JSON", id="invalid json"),
        pytest.param(sends(GARBAGE), "not JSON", id="garbage in mid-stream"),
        pytest.param(sends(events({"choices": "yes"})), "OpenAI protocol", id="choices are no list"),
        pytest.param(sends(events([1, 2])), "OpenAI protocol|middle", id="a list"),
        pytest.param(sends(events({})), "OpenAI protocol|middle", id="an empty object"),
        pytest.param(sends(events({"error": {"message": "GPU lost"}})), "GPU lost", id="error in the stream"),
        pytest.param(sends(b""), "middle of its answer", id="empty body"),
        pytest.param(sends(events(chunk({}, usage={"total_tokens": 1}))), "middle", id="empty choices"),
        pytest.param(sends(NO_FINISH), "middle of its answer", id="no finish reason"),
        pytest.param(breaks_off("Twenty"), "middle of its answer", id="half a stream"),
        pytest.param(says(""), "empty answer", id="empty answer"),
        pytest.param(says("<think>Hm", finish="length"), "100 tokens without", id="thoughts only"),
        pytest.param(says("Twenty", finish="content_filter"), "content_filter", id="filtered"),
        pytest.param(floods(200_000), "past the limit of 100 tokens", id="200,000 tokens"),
        pytest.param(sends(b"x" * 3_000_000), "past the limit", id="an endless line"),
    ],
)
def test_a_failure_is_explained_and_holds_no_key(
    reply: Reply, message: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(LLMError, match=message) as caught:
        ask(reply)

    assert KEY not in f"{caught.value!r} {caught.getrepr(style='long', showlocals=True)} {caplog.text}"
    assert "\n" not in str(caught.value)


def test_an_unreachable_endpoint_is_named():
    with serve(OK) as endpoint:
        url = endpoint.base_url

    with pytest.raises(LLMError, match=r"127\.0\.0\.1:\d+ cannot be reached.*start it"):
        model(url).complete(PROMPT, deadline=Deadline(60))


@pytest.mark.parametrize("reply", [stalls(), stalls("Twenty ")])
def test_a_silent_endpoint_is_given_up(reply: Reply):
    with pytest.raises(LLMError, match=r"said nothing for 0\.2 s"):
        ask(reply, timeout=0.2)


@pytest.mark.parametrize("reply", [stalls(), says(*["word "] * 1000, pause=0.05), drips(30.0)])
def test_no_call_outlives_its_deadline(reply: Reply):
    started = time.monotonic()

    with pytest.raises(LLMError, match=r"not done after 0\.5 s"):
        ask(reply, seconds=0.5)

    assert time.monotonic() - started < 5.0


@pytest.mark.parametrize(
    "failure",
    [
        refuses(429, headers={"retry-after": "0"}),
        refuses(500),
        breaks_off("Tw"),
        sends(NO_FINISH),
        sends(b""),
    ],
)
def test_what_may_pass_is_tried_again(failure: Reply):
    assert ask(failure, failure, OK).text == "Twenty people."


@pytest.mark.parametrize("failure", [refuses(401), refuses(400), says(""), sends(events("{not json"))])
def test_what_will_not_pass_is_not_tried_again(failure: Reply):
    with serve(failure, OK) as endpoint, pytest.raises(LLMError):
        model(endpoint.base_url).complete(PROMPT, deadline=Deadline(60))

    assert len(endpoint.requests) == 1


def test_there_are_at_most_three_calls():
    with serve(refuses(500)) as endpoint, pytest.raises(LLMError):
        model(endpoint.base_url).complete(PROMPT, deadline=Deadline(60))

    assert len(endpoint.requests) == 3


def test_a_deadline_within_a_deadline_is_not_later_than_it():
    deadline = Deadline(10)

    assert deadline.within(3).left() <= 3
    assert deadline.within(60).left() <= 10


def test_a_short_retry_after_is_waited_for():
    started = time.monotonic()

    ask(refuses(429, headers={"retry-after": "0.5"}), OK)

    assert time.monotonic() - started >= 0.5


@pytest.mark.parametrize("wait", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_long_retry_after_is_not_waited_for(wait: str):
    with (
        serve(refuses(429, headers={"retry-after": wait}), OK) as endpoint,
        pytest.raises(LLMError) as caught,
    ):
        model(endpoint.base_url).complete(PROMPT, deadline=Deadline(60))

    assert len(endpoint.requests) == 1
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 3600


def test_a_retry_after_beyond_the_deadline_is_not_waited_for():
    started = time.monotonic()

    with pytest.raises(LLMError, match="asks to wait 10 s"):
        ask(refuses(429, headers={"retry-after": "10"}), OK, seconds=2.0)

    assert time.monotonic() - started < 2.0


def test_a_stream_is_not_repeated_once_it_was_seen():
    with serve(breaks_off("Twenty "), OK) as endpoint:
        pieces: Iterator[str | Completion] = model(endpoint.base_url).stream(PROMPT, deadline=Deadline(60))
        assert next(pieces) == "Twenty "
        with pytest.raises(LLMError):
            next(pieces)

    assert len(endpoint.requests) == 1


def test_closing_the_stream_hangs_up():
    with serve(says(*["word "] * 500, pause=0.02)) as endpoint:
        pieces = model(endpoint.base_url).stream(PROMPT, deadline=Deadline(60))
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]

        assert endpoint.hung_up.wait(5.0)


def test_after_the_deadline_signs_of_life_are_not_listened_to():
    with serve(lives(20)) as endpoint:
        with pytest.raises(LLMError, match=r"was not done after 0\.5 s"):
            list(model(endpoint.base_url).stream(PROMPT, deadline=Deadline(0.5)))

        assert endpoint.hung_up.wait(5.0)


def test_the_key_goes_to_the_endpoint_and_nowhere_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another-key")
    with serve(OK) as endpoint:
        keyed = model(endpoint.base_url)
        keyed.complete(PROMPT, deadline=Deadline(60))
        LanguageModel(name="m", base_url=endpoint.base_url).complete(PROMPT, deadline=Deadline(60))

    assert [headers["authorization"] for headers in endpoint.headers] == [f"Bearer {KEY}", "Bearer none"]
    assert KEY not in repr(keyed)


def test_a_password_in_the_address_is_not_shown():
    assert "secret" not in repr(LanguageModel(name="m", base_url="http://user:secret@127.0.0.1:1/v1"))


def test_a_key_that_no_header_can_hold_is_not_shown():
    with serve(OK) as endpoint, pytest.raises(LLMError) as caught:
        LanguageModel(name="m", base_url=endpoint.base_url, api_key="sk-plänted\n8c1f").complete(
            PROMPT, deadline=Deadline(60)
        )

    assert "8c1f" not in repr(caught.value)
