import asyncio
import json
import pickle
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.schema import TextNode
from numpy.typing import NDArray
from pydantic import SecretStr
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from rag import embeddings
from rag.embeddings import ENDPOINT_BATCH, MODELS, Embedder, EndpointEmbedder, MiniLMEmbedder, StaticEmbedder
from rag.errors import EmbeddingError, SettingsError
from tests import endpoint
from tests.endpoint import Endpoint, Reply

TEXTS = (
    "The army said on Friday that twenty civilians were killed in the strike.",
    "Who won?",
    "Oil prices rose 3 percent after ministers met in Vienna. " * 40,
    "Le président s’est rendu à Genève; «nous avons attendu neuf ans».",
    "大统领 said: “no”.",
)
STRIKE = "Twenty civilians were killed in an air strike on a village."
SAME_STRIKE = "An air raid left 20 people dead in the village, residents said."
FOOTBALL = "United came from two goals down to win the cup final."
KEY = "sk-not-a-real-key-0123456789"


@pytest.fixture(scope="module")
def static() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.fixture(scope="module")
def minilm() -> MiniLMEmbedder:
    return MiniLMEmbedder()


@pytest.fixture(scope="module", params=["static", "minilm"])
def bundled(request: pytest.FixtureRequest, static: StaticEmbedder, minilm: MiniLMEmbedder) -> Embedder:
    return static if request.param == "static" else minilm


# The bundled models


def test_a_row_per_text_each_of_length_one(bundled: Embedder) -> None:
    vectors = bundled.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), bundled.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-6)


def test_dimensions_are_those_of_the_cards(static: StaticEmbedder, minilm: MiniLMEmbedder) -> None:
    assert (static.dimensions, minilm.dimensions) == (256, 384)


def test_alike_in_meaning_is_near(bundled: Embedder) -> None:
    strike, same, football = bundled.encode([STRIKE, SAME_STRIKE, FOOTBALL])
    assert strike @ same > strike @ football + 0.3


def test_a_text_alone_gets_the_vector_it_gets_among_others(bundled: Embedder) -> None:
    together = bundled.encode(TEXTS)
    alone = np.concatenate([bundled.encode([text]) for text in TEXTS])
    assert np.abs(together - alone).max() <= 1e-5


def test_the_order_of_texts_is_kept_over_many_batches(static: StaticEmbedder) -> None:
    texts = [f"Report number {number} on the flood." for number in range(1_300)]
    vectors = static.encode(texts)
    for place in (0, 511, 512, 1_299):
        assert np.array_equal(vectors[place], static.encode([texts[place]])[0])


def test_a_second_embedder_gives_the_same_bytes(bundled: Embedder) -> None:
    assert type(bundled)().encode(TEXTS).tobytes() == bundled.encode(TEXTS).tobytes()


@pytest.mark.parametrize("text", ["", " \n\t", "\u00a0"])
def test_a_blank_text_gets_the_zero_row(bundled: Embedder, text: str) -> None:
    vectors = bundled.encode([STRIKE, text])
    assert not vectors[1].any()
    assert np.array_equal(vectors[0], bundled.encode([STRIKE])[0])


def test_a_text_without_a_known_word_gets_the_zero_row(static: StaticEmbedder) -> None:
    assert not static.encode(["𒀀𒀁 𒀂"]).any()


def test_no_texts_give_no_rows(bundled: Embedder) -> None:
    assert bundled.encode([]).shape == (0, bundled.dimensions)


def test_one_text_instead_of_several_is_refused(bundled: Embedder) -> None:
    with pytest.raises(TypeError, match="sequence of texts"):
        bundled.encode(STRIKE)


def test_a_lone_surrogate_does_no_harm(bundled: Embedder) -> None:
    assert np.linalg.norm(bundled.encode(["the village \udce9 was hit"])) == pytest.approx(1)


def test_minilm_reads_the_first_256_tokens(minilm: MiniLMEmbedder) -> None:
    long = "strike " * 254
    assert np.array_equal(minilm.encode([long])[0], minilm.encode([long + "football " * 50])[0])


def test_each_token_has_its_vector_and_the_characters_it_covers(minilm: MiniLMEmbedder) -> None:
    states, spans = minilm.states("Ghouta \udce9 was hit.")
    assert states.shape == (len(spans), minilm.dimensions)
    assert (spans[0], spans[-1]) == ((0, 0), (0, 0))
    covered = ["Ghouta ? was hit."[start:end] for start, end in spans[1:-1]]
    assert covered == ["G", "ho", "uta", "?", "was", "hit", "."]


def test_threads_may_share_an_embedder(bundled: Embedder) -> None:
    expected = bundled.encode(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: bundled.encode(TEXTS), range(8)))
    assert all(np.array_equal(result, expected) for result in results)


@cache
def static_files() -> tuple[Tokenizer, NDArray[np.float32]]:
    table = load_file(MODELS / "static" / "model.safetensors")["embeddings"].astype(np.float32)
    return Tokenizer.from_file(str(MODELS / "static" / "tokenizer.json")), table


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(" \n\t.,’-éß大"), max_size=60)
)
def test_looking_words_up_gives_what_the_whole_texts_tokens_give(static: StaticEmbedder, text: str) -> None:
    tokenizer, table = static_files()
    tokens = tokenizer.encode(text, add_special_tokens=False)
    known = [table[id_] for id_, token in zip(tokens.ids, tokens.tokens, strict=True) if token != "[UNK]"]
    expected = np.sum(known, axis=0) if known else np.zeros(256, np.float32)
    assert static.encode([text])[0] == pytest.approx(
        expected / max(float(np.linalg.norm(expected)), 1e-9), abs=1e-5
    )


def test_forgetting_words_changes_no_vector(monkeypatch: pytest.MonkeyPatch, static: StaticEmbedder) -> None:
    monkeypatch.setattr(embeddings, "KNOWN_CHARACTERS", 10)
    forgetful = StaticEmbedder()
    for _ in range(2):
        assert np.array_equal(forgetful.encode(TEXTS), static.encode(TEXTS))


def test_the_static_vectors_are_those_of_model2vec(static: StaticEmbedder) -> None:
    model2vec = pytest.importorskip("model2vec", reason="an oracle; not part of the product")
    theirs = model2vec.StaticModel.from_pretrained(MODELS / "static").encode(list(TEXTS), max_length=None)
    cosines = (static.encode(TEXTS) * theirs).sum(axis=1)
    assert cosines == pytest.approx(np.ones(len(TEXTS)), abs=2e-3)  # theirs are float16


def test_the_fingerprint_names_model_dimensions_and_weights(tmp_path: Path, static: StaticEmbedder) -> None:
    assert static.fingerprint.startswith("static-256-")
    assert StaticEmbedder().fingerprint == static.fingerprint
    changed = tmp_path / "static"
    shutil.copytree(MODELS / "static", changed)
    weights = bytearray((changed / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (changed / "model.safetensors").write_bytes(weights)
    assert StaticEmbedder(folder=changed).fingerprint != static.fingerprint


def test_a_common_word_ranks_before_a_rare_one(static: StaticEmbedder) -> None:
    common, rare = static.word_rank("The"), static.word_rank("amphibious")
    assert common is not None
    assert rare is not None
    assert common < rare
    assert static.word_rank("xqzzt") is None


@pytest.mark.parametrize("kind", [StaticEmbedder, MiniLMEmbedder])
@pytest.mark.parametrize("damaged", ["tokenizer.json", "model.*"])
def test_a_damaged_model_is_named(tmp_path: Path, kind: type[Any], damaged: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MODELS / ("static" if kind is StaticEmbedder else "minilm"), folder)
    (file,) = folder.glob(damaged)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(EmbeddingError, match=f"{file.name} is missing or damaged; install"):
        kind(folder=folder)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match=r"tokenizer\.json is missing or damaged"):
        MiniLMEmbedder(folder=tmp_path)


# As LlamaIndex's embed_model


def test_llama_index_finds_the_right_node(bundled: Embedder) -> None:
    nodes = [TextNode(id_=text, text=text) for text in (STRIKE, FOOTBALL, "The bank raised its key rate.")]
    index = VectorStoreIndex(nodes, embed_model=bundled)
    (hit,) = index.as_retriever(similarity_top_k=1).retrieve("How many died in the air raid?")
    assert hit.node.node_id == STRIKE


def test_llama_index_splits_and_embeds_documents(static: StaticEmbedder) -> None:
    index = VectorStoreIndex.from_documents(
        [Document(text=STRIKE), Document(text=FOOTBALL)], embed_model=static
    )
    hits = asyncio.run(index.as_retriever(similarity_top_k=2).aretrieve("Who won the cup?"))
    assert [hit.text for hit in hits] == [FOOTBALL, STRIKE]


def test_llama_indexs_methods_give_encodes_rows(bundled: Embedder) -> None:
    row = bundled.encode([STRIKE])[0].tolist()
    assert bundled.get_text_embedding(STRIKE) == row
    assert bundled.get_query_embedding(STRIKE) == row
    assert bundled.get_text_embedding_batch([FOOTBALL, STRIKE])[1] == row
    assert asyncio.run(bundled.aget_text_embedding(STRIKE)) == row
    assert asyncio.run(bundled.aget_query_embedding(STRIKE)) == row
    assert asyncio.run(bundled.aget_text_embedding_batch([FOOTBALL, STRIKE]))[1] == row


def test_an_embedder_survives_pickling_for_llama_indexs_worker_processes(bundled: Embedder) -> None:
    again = pickle.loads(pickle.dumps(bundled))
    assert np.array_equal(again.encode([STRIKE]), bundled.encode([STRIKE]))


# An endpoint


def vector(text: str) -> list[float]:
    """Four numbers that tell texts apart."""
    return [float(len(text)), float(sum(map(ord, text)) % 97), 1.0, -2.0]


def gives(make: Callable[[Sequence[str]], Any]) -> Reply:
    """A 200 whose body is made from the texts asked for."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        body = json.dumps(make(request["input"])).encode()
        endpoint.sends(body, headers={"content-type": "application/json"})(handler, request)

    return reply


def listed(rows: Sequence[Any]) -> dict[str, Any]:
    data = [{"object": "embedding", "index": place, "embedding": row} for place, row in enumerate(rows)]
    return {
        "object": "list",
        "model": "scripted",
        "data": data,
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }


def embeds(texts: Sequence[str]) -> dict[str, Any]:
    return listed([vector(text) for text in texts])


def embedder(server: Endpoint, **options: Any) -> EndpointEmbedder:
    return EndpointEmbedder(base_url=server.base_url, model="scripted", api_key=SecretStr(KEY), **options)


def unit(rows: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    vectors = np.array(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def proper() -> Iterator[Endpoint]:
    with endpoint.serve(gives(embeds)) as server:
        yield server


def test_the_endpoints_vectors_come_back_at_length_one(proper: Endpoint) -> None:
    vectors = embedder(proper).encode(TEXTS)
    assert vectors == pytest.approx(unit([vector(text) for text in TEXTS]), abs=1e-6)
    assert vectors.dtype == np.float32


def test_model_and_key_reach_the_endpoint(proper: Endpoint) -> None:
    embedder(proper).encode([STRIKE])
    assert proper.requests[0]["model"] == "scripted"
    assert proper.headers[0]["authorization"] == f"Bearer {KEY}"


def test_without_a_key_nobody_elses_is_sent(proper: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-another-house")
    EndpointEmbedder(base_url=proper.base_url, model="scripted").encode([STRIKE])
    assert "another-house" not in json.dumps(proper.headers)


def test_many_texts_go_in_batches_and_keep_their_order(proper: Endpoint) -> None:
    texts = [f"report {number} of the flood" * (number % 7 + 1) for number in range(2 * ENDPOINT_BATCH + 3)]
    vectors = embedder(proper).encode(texts)
    assert [len(request["input"]) for request in proper.requests] == [ENDPOINT_BATCH, ENDPOINT_BATCH, 3]
    assert vectors == pytest.approx(unit([vector(text) for text in texts]), abs=1e-6)


def test_vectors_out_of_order_are_put_in_order() -> None:
    def backwards(texts: Sequence[str]) -> dict[str, Any]:
        answer = embeds(texts)
        return {**answer, "data": answer["data"][::-1]}

    with endpoint.serve(gives(backwards)) as server:
        assert embedder(server).encode(TEXTS) == pytest.approx(
            unit([vector(text) for text in TEXTS]), abs=1e-6
        )


def test_blank_texts_are_not_sent(proper: Endpoint) -> None:
    vectors = embedder(proper).encode(["", STRIKE, "  "])
    assert [request["input"] for request in proper.requests] == [[STRIKE]]
    assert vectors.any(axis=1).tolist() == [False, True, False]


def test_dimensions_are_learnt_once(proper: Endpoint) -> None:
    model = embedder(proper)
    assert (model.dimensions, model.dimensions) == (4, 4)
    assert len(proper.requests) == 1


def test_the_fingerprint_needs_no_connection_and_tells_models_and_addresses_apart() -> None:
    def fingerprint(base_url: str, model: str) -> str:
        return EndpointEmbedder(base_url=base_url, model=model).fingerprint

    one = fingerprint("http://127.0.0.1:9/v1", "small")
    assert one.startswith("small@127.0.0.1:9-")
    assert fingerprint("http://127.0.0.1:9/v1/", "small") == one
    assert (
        len(
            {
                one,
                fingerprint("http://127.0.0.1:9/v1", "large"),
                fingerprint("http://127.0.0.1:8/v1", "small"),
            }
        )
        == 3
    )


@pytest.mark.parametrize(
    ("reply", "tries", "retryable", "advice"),
    [
        (
            endpoint.refuses(401, f"Incorrect API key provided: {KEY}"),
            1,
            False,
            "check DATELINE_EMBEDDING_API_KEY",
        ),
        (endpoint.refuses(403, "no"), 1, False, "check DATELINE_EMBEDDING_API_KEY"),
        (endpoint.refuses(404, "no such model"), 1, False, "check DATELINE_EMBEDDING_BASE_URL"),
        (endpoint.refuses(400, "too long"), 1, False, "lower DATELINE_PASSAGE_WORDS"),
        (endpoint.refuses(429, headers={"retry-after-ms": "1"}), 2, True, "too many requests; wait"),
        (endpoint.refuses(500, headers={"retry-after-ms": "1"}), 2, True, "look at its log"),
        (
            endpoint.sends(b"<html>busy</html>", headers={"content-type": "text/html"}),
            1,
            False,
            "ends as the server",
        ),
        (
            endpoint.sends(b"{not json", headers={"content-type": "application/json"}),
            1,
            False,
            "finite numbers",
        ),
        (endpoint.sends(b"[]", headers={"content-type": "application/json"}), 1, False, "finite numbers"),
        (gives(lambda texts: {"object": "list"}), 1, False, "finite numbers"),
        (gives(lambda texts: listed([[1.0, float("nan")] for _ in texts])), 1, False, "finite numbers"),
        (gives(lambda texts: listed([["one"] for _ in texts])), 1, False, "finite numbers"),
        (gives(lambda texts: listed([[] for _ in texts])), 1, False, "finite numbers"),
        (
            gives(lambda texts: listed([[1.0] * (place + 1) for place, _ in enumerate(texts)])),
            1,
            False,
            "finite",
        ),
        (gives(lambda texts: embeds(texts[1:])), 1, False, "gave 1 vectors for 2 texts"),
    ],
)
def test_what_goes_wrong_at_the_endpoint_says_what_to_do(
    reply: Reply, tries: int, retryable: bool, advice: str
) -> None:
    with endpoint.serve(reply) as server:
        with pytest.raises(EmbeddingError, match=advice) as caught:
            embedder(server, max_retries=1).encode([STRIKE, FOOTBALL])
        assert len(server.requests) == tries
    assert caught.value.retryable is retryable
    assert "127.0.0.1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_message_in_the_chain_shows_the_key() -> None:
    refusal = endpoint.refuses(401, f"Incorrect API key provided: {KEY}")
    with endpoint.serve(refusal) as server, pytest.raises(EmbeddingError) as caught:
        embedder(server).encode([STRIKE])
    assert KEY not in str(caught.getrepr(chain=True))


def test_neither_repr_nor_json_shows_the_key(proper: Endpoint) -> None:
    model = embedder(proper)
    model.encode([STRIKE])
    assert KEY not in repr(model) + str(model) + model.to_json() + model.fingerprint + str(model.to_payload())


def test_a_password_in_the_address_stays_out_of_messages() -> None:
    model = EndpointEmbedder(
        base_url="http://someone:hunter2@127.0.0.1:9/v1?key=hunter2", model="m", max_retries=0
    )
    assert "hunter2" not in model.fingerprint
    with pytest.raises(EmbeddingError) as caught:
        model.encode([STRIKE])
    assert "hunter2" not in str(caught.value)


def test_a_busy_endpoint_is_asked_again_as_late_as_it_wants() -> None:
    busy = endpoint.refuses(429, headers={"retry-after": "1"})
    with endpoint.serve(busy, gives(embeds)) as server:
        vectors = embedder(server, max_retries=1).encode([STRIKE])
        assert len(server.requests) == 2
    assert vectors.any()


def test_a_failure_that_passes_is_overcome() -> None:
    failing = endpoint.refuses(503, headers={"retry-after-ms": "1"})
    with endpoint.serve(failing, failing, gives(embeds)) as server:
        assert embedder(server).encode([STRIKE]).any()


def test_a_silent_endpoint_is_given_up() -> None:
    refusal = pytest.raises(EmbeddingError, match=r"did not answer within 0\.1 s")
    with endpoint.serve(endpoint.stalls()) as server, refusal as caught:
        embedder(server, timeout=0.1, max_retries=0).encode([STRIKE])
    assert caught.value.retryable


def test_no_endpoint_at_all_is_said() -> None:
    model = EndpointEmbedder(base_url="http://127.0.0.1:9/v1", model="m", max_retries=0)
    with pytest.raises(
        EmbeddingError, match=r"no connection to the embedding endpoint 127\.0\.0\.1:9"
    ) as caught:
        model.encode([STRIKE])
    assert caught.value.retryable


def test_an_endpoint_that_changes_its_dimensions_is_refused() -> None:
    with endpoint.serve(gives(embeds), gives(lambda texts: listed([[1.0, 2.0] for _ in texts]))) as server:
        model = embedder(server)
        model.encode([STRIKE])
        with pytest.raises(EmbeddingError, match="changed from 4 to 2 dimensions"):
            model.encode([FOOTBALL])


@pytest.mark.parametrize(
    "address", ["", "localhost:11434", "ftp://127.0.0.1/v1", "http://", "http://[::1", "http://a:b"]
)
def test_an_impossible_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(SettingsError, match="DATELINE_EMBEDDING_BASE_URL"):
        EndpointEmbedder(base_url=address, model="m")


def test_waiting_for_the_endpoint_does_not_hold_up_the_event_loop() -> None:
    asked = threading.Event()
    release = threading.Event()

    def waits(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        asked.set()
        release.wait(10)
        gives(embeds)(handler, request)

    async def embed_while_the_loop_runs(model: EndpointEmbedder) -> list[float]:
        task = asyncio.create_task(model.aget_query_embedding(STRIKE))
        while not asked.is_set():  # only a running loop gets here while the request is out
            await asyncio.sleep(0.001)
        release.set()
        return await task

    with endpoint.serve(waits) as server:
        row = asyncio.run(embed_while_the_loop_runs(embedder(server)))
    assert row == pytest.approx(unit([vector(STRIKE)])[0].tolist(), abs=1e-6)


def test_the_endpoint_serves_llama_index(proper: Endpoint) -> None:
    nodes = [TextNode(id_=text, text=text) for text in (STRIKE, FOOTBALL, "The bank raised its key rate.")]
    index = VectorStoreIndex(nodes, embed_model=embedder(proper))
    assert index.as_retriever(similarity_top_k=1).retrieve(FOOTBALL)[0].node.node_id == FOOTBALL
