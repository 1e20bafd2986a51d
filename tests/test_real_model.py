"""The wire to a real model: SmolLM2-135M on llama.cpp, where its wheels are installed."""

import json
from collections.abc import Iterator

import pytest

from rag.llm import Completion, Deadline, LanguageModel
from rag.prompts import Prompt, count_tokens
from tests import local_model

pytestmark = pytest.mark.skipif(local_model.missing() is not None, reason=str(local_model.missing()))

STORY = Prompt(system="You tell stories.", user="Tell a long story about a river.")


@pytest.fixture(scope="module")
def model() -> Iterator[LanguageModel]:
    with local_model.running() as url:
        yield LanguageModel(name=local_model.NAME, base_url=url, timeout=120.0)


def test_it_streams_and_counts_its_tokens(model: LanguageModel):
    *pieces, last = model.stream(STORY, deadline=Deadline(120), max_tokens=24)

    assert isinstance(last, Completion)
    assert len(pieces) > 5
    assert "".join(map(str, pieces)) == last.text
    assert last.cut
    assert last.usage["completion_tokens"] == 24


def test_our_estimate_of_tokens_is_not_below_its_count(model: LanguageModel):
    prompt = Prompt(
        system="Answer in one word.", user="The ministry said on Saturday that 20 people were killed. " * 9
    )

    reply = model.complete(prompt, deadline=Deadline(120), max_tokens=1)

    assert reply.usage["prompt_tokens"] <= prompt.tokens
    assert prompt.tokens <= 2 * reply.usage["prompt_tokens"]
    assert count_tokens("") == 0


def test_a_cancelled_stream_leaves_it_free_for_the_next_call(model: LanguageModel):
    pieces = model.stream(STORY, deadline=Deadline(600), max_tokens=3000)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]

    # Its only slot would be busy for minutes if it went on writing.
    assert model.complete(STORY, deadline=Deadline(60), max_tokens=2).text


def test_it_keeps_to_a_schema(model: LanguageModel):
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string", "maxLength": 20},
            "people": {"type": "integer", "maximum": 99},
        },
        "required": ["city", "people"],
        "additionalProperties": False,
    }
    prompt = Prompt(system="You answer in JSON.", user="Name a city and a number of people.")

    reply = model.complete(prompt, deadline=Deadline(120), max_tokens=60, json_schema=schema)

    assert set(json.loads(reply.text)) == {"city", "people"}


def test_one_token_weighs_yes_against_no(model: LanguageModel):
    prompt = Prompt(system="Answer Yes or No.", user="Is Paris a city?")

    chance, reply = model.probability(prompt, yes="Yes", no="No", deadline=Deadline(120))

    assert 0.0 < chance < 1.0
    assert reply.alternatives
