"""Text → vectors: the two bundled models and an OpenAI-compatible endpoint, each a LlamaIndex embed model."""

import asyncio
import hashlib
from abc import abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr, SecretStr
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from rag.errors import EmbeddingError, SettingsError
from rag.language import encodable
from rag.onnx import session as onnx_session
from rag.settings import is_address
from rag.threads import side_by_side

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI

MODELS = Path(__file__).parent / "models"
STATIC_BATCH = 512  # texts tokenised at once; bounds memory, more is not faster
KNOWN_CHARACTERS = 3_000_000  # of words whose tokens the static model keeps: at most some 70 MB
MINILM_TOKENS = 256  # what the model reads of a text; it was trained on 128 and its makers cut at 256
MINILM_THREADS = 8  # at most; beyond that the memory's speed is the limit
ENDPOINT_BATCH = 64  # texts per request: about 16,000 tokens of passages, well under every server's limit


class Embedder(BaseEmbedding):
    """A model that turns texts into vectors of length 1, so that a dot product is a cosine.

    A text's vector does not depend on the texts it is encoded with. Usable as LlamaIndex's `embed_model`.
    """

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Names the model exactly; vectors of two embedders can be compared only if this is the same."""

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Components of a vector."""

    @abstractmethod
    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        """One row per text, of any length; no text is blank, and there is at least one."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape (n, dimensions); a text without a known word gets the zero row.

        Raises EmbeddingError.
        """
        if isinstance(texts, str):
            raise TypeError("encode takes a sequence of texts, not one text")
        filled = [row for row, text in enumerate(texts) if text.strip()]
        found = self._encode([encodable(texts[row]) for row in filled]) if filled else 0
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        vectors[filled] = found
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors

    @classmethod
    def class_name(cls) -> str:
        return cls.__name__

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in row] for row in self.encode(texts)]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)


class StaticEmbedder(Embedder):
    """The bundled static model: a vector per token, added up. Thousands of passages a second.

    >>> StaticEmbedder().encode(["Twenty civilians were killed.", ""]).shape
    (2, 256)

    The files are in Model2Vec's layout. They are read here and not by its runtime because that takes 0.7 s to
    import, rounds results to float16 and changes its tokenizer in every call (threads cannot share it).
    """

    model_name: str = "static"
    embed_batch_size: int = STATIC_BATCH
    folder: Path = Field(
        default=MODELS / "static", description="Where model.safetensors and tokenizer.json are."
    )
    _tokenizer: Tokenizer = PrivateAttr()
    _table: NDArray[np.float32] = PrivateAttr()
    _known: dict[str, bytes] = PrivateAttr(default_factory=dict)  # word → its token ids, four bytes each
    _known_characters: int = PrivateAttr(0)

    def model_post_init(self, context: Any, /) -> None:
        """Read the model. Raises EmbeddingError."""
        self._tokenizer = _tokenizer(self.folder)
        try:
            self._table = load_file(self.folder / "model.safetensors")["embeddings"].astype(np.float32)
        except (OSError, SafetensorError, KeyError) as exc:
            raise _unreadable(self.folder / "model.safetensors") from exc
        unknown = self._tokenizer.token_to_id("[UNK]")
        if unknown is not None:
            self._table[unknown] = 0  # says nothing about the text

    @property
    def fingerprint(self) -> str:
        return f"{self.model_name}-{self.dimensions}-{_digest(self.folder)}"

    @property
    def dimensions(self) -> int:
        return int(self._table.shape[1])

    def word_rank(self, word: str) -> int | None:
        """The word's place in the vocabulary, which runs from common to rare; None: it is not in it."""
        return self._tokenizer.token_to_id(word.lower())

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        sums = np.empty((len(texts), self.dimensions), np.float32)
        for first in range(0, len(texts), STATIC_BATCH):
            batch = texts[first : first + STATIC_BATCH]
            for row, tokens in enumerate(self._tokens(batch), start=first):
                sums[row] = self._table.take(tokens, axis=0).sum(axis=0)
        return sums

    def _tokens(self, texts: list[str]) -> list[NDArray[np.uint32]]:
        """Token ids per text. No token crosses white space, so a word is tokenised once and then looked up.

        Tokenising whole texts was 95 % of the work; so 8,000 passages are embedded in half the time, and
        those that follow in a quarter.
        """
        if self._known_characters > KNOWN_CHARACTERS:
            self._known, self._known_characters = {}, 0  # not cleared: other threads may be reading it
        known = self._known
        split = [text.split() for text in texts]
        words = list(set().union(*split).difference(known))
        encoded = self._tokenizer.encode_batch_fast(words, add_special_tokens=False)
        known.update(
            (word, np.array(tokens.ids, np.uint32).tobytes())
            for word, tokens in zip(words, encoded, strict=True)
        )
        self._known_characters += sum(map(len, words))
        return [np.frombuffer(b"".join(map(known.__getitem__, line)), np.uint32) for line in split]


class MiniLMEmbedder(Embedder):
    """The bundled all-MiniLM-L6-v2 (int8 ONNX): finer than the static model, some hundred sentences a second.

    A text is run by itself, and several at once in threads: the int8 model's rounding depends on all that is
    in a run (a shared run moves components by up to 0.02), and batches were no faster (330 sentences/s one by
    one against 280 in batches of 16, on one core).
    """

    model_name: str = "minilm-int8"
    embed_batch_size: int = 64
    folder: Path = Field(default=MODELS / "minilm", description="Where model.onnx and tokenizer.json are.")
    _tokenizer: Tokenizer = PrivateAttr()
    _session: Any = PrivateAttr()  # onnxruntime.InferenceSession; the package has no types

    def model_post_init(self, context: Any, /) -> None:
        """Read the model. Raises EmbeddingError."""
        self._tokenizer = _tokenizer(self.folder)
        self._tokenizer.enable_truncation(MINILM_TOKENS)
        try:
            self._session = onnx_session(self.folder / "model.onnx")
        except Exception as exc:  # onnxruntime's own exceptions share no base class but Exception
            raise _unreadable(self.folder / "model.onnx") from exc

    @property
    def fingerprint(self) -> str:
        return f"{self.model_name}-{self.dimensions}-{_digest(self.folder)}"

    @property
    def dimensions(self) -> int:
        return int(self._session.get_outputs()[0].shape[-1])

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        return np.stack(side_by_side(self._vector, texts, threads=MINILM_THREADS))

    def states(self, text: str) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
        """A vector for each token in its context, shape (n, dimensions), and the characters that it covers.

        The model's own tokens before and after the text cover none. What goes beyond its window is left out.
        """
        encoding = self._tokenizer.encode(encodable(text))
        ids = np.array([encoding.ids], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (states,) = self._session.run(["last_hidden_state"], inputs)
        return states[0], encoding.offsets

    def _vector(self, text: str) -> NDArray[np.float32]:
        states, _ = self.states(text)
        mean: NDArray[np.float32] = states.mean(axis=0)
        return mean


class EndpointEmbedder(Embedder):
    """A model behind an OpenAI-compatible endpoint. Texts leave this machine; no message shows the key.

    Failed requests are tried again here and nowhere else: on time-outs, lost connections, 429 and 5xx, with
    growing pauses or those that the server asks for.
    """

    base_url: str = Field(description="Such as http://localhost:11434/v1.")
    model: str = Field(description="As the endpoint names it.")
    api_key: SecretStr | None = Field(
        None, exclude=True, repr=False, description="None: the endpoint wants none."
    )
    timeout: float = Field(30.0, gt=0, description="Seconds to wait for the endpoint, per try.")
    max_retries: int = Field(3, ge=0, description="Further tries after the first.")
    embed_batch_size: int = ENDPOINT_BATCH
    _dimensions: int | None = PrivateAttr(None)

    def model_post_init(self, context: Any, /) -> None:
        """Check the address; nothing is sent yet. Raises SettingsError."""
        if not is_address(self.base_url):
            raise SettingsError(
                "DATELINE_EMBEDDING_BASE_URL must be an address such as http://localhost:11434/v1"
            )
        self.model_name = self.model

    @property
    def fingerprint(self) -> str:
        """Needs no connection, so a collection can be listed while the endpoint is away."""
        digest = hashlib.sha256(f"{self.base_url.rstrip('/')}\n{self.model}".encode()).hexdigest()
        return f"{self.model}@{self._host}-{digest[:12]}"

    @property
    def dimensions(self) -> int:
        """Learnt from the first answer; asks for one when there was none yet. Raises EmbeddingError."""
        return self._dimensions or self._encode(["news"]).shape[1]

    @property
    def _host(self) -> str:
        """The address without user, password and query, which may be secret."""
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        batches = [texts[first : first + ENDPOINT_BATCH] for first in range(0, len(texts), ENDPOINT_BATCH)]
        with self._client() as client:
            return np.concatenate(
                [self._checked(self._request(client, batch), len(batch)) for batch in batches]
            )

    def _client(self) -> "OpenAI":
        import openai  # takes over a second, which nobody without an endpoint need pay

        # Without a key of its own the client would take OPENAI_API_KEY and send it to this endpoint.
        key = self.api_key.get_secret_value() if self.api_key else "none"
        return openai.OpenAI(
            base_url=self.base_url, api_key=key, timeout=self.timeout, max_retries=self.max_retries
        )

    def _checked(self, rows: list[Any], expected: int) -> NDArray[np.float32]:
        if len(rows) != expected:
            raise EmbeddingError(
                f"the embedding endpoint {self._host} gave {len(rows)} vectors for {expected} texts; "
                "check that DATELINE_EMBEDDING_MODEL names an embedding model"
            )
        try:
            vectors = np.array(rows, np.float32)
        except (TypeError, ValueError) as exc:
            raise self._garbled() from exc
        if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
            raise self._garbled()
        if self._dimensions not in (None, vectors.shape[1]):
            raise EmbeddingError(
                f"the embedding endpoint {self._host} changed from {self._dimensions} to {vectors.shape[1]} "
                "dimensions; check which model it serves, then run `dateline reindex`"
            )
        self._dimensions = vectors.shape[1]
        return vectors

    def _request(self, client: "OpenAI", texts: list[str]) -> list[Any]:
        """The endpoint's vectors in the order of the texts, not checked yet. Raises EmbeddingError."""
        import openai

        try:
            answer = client.embeddings.create(model=self.model, input=texts, encoding_format="float")
            return [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        except openai.APIStatusError as exc:
            raise self._refused(exc) from None  # its text is the server's, and some repeat the key in it
        except openai.APITimeoutError as exc:
            raise EmbeddingError(
                f"the embedding endpoint {self._host} did not answer within {self.timeout:g} s; "
                "check that it is up, then run the command again",
                retryable=True,
            ) from exc
        except openai.APIConnectionError as exc:
            raise EmbeddingError(
                f"no connection to the embedding endpoint {self._host}; "
                "check DATELINE_EMBEDDING_BASE_URL and that the server is up",
                retryable=True,
            ) from exc
        except (openai.OpenAIError, AttributeError, TypeError, ValueError) as exc:
            raise self._garbled() from exc

    def _garbled(self) -> EmbeddingError:
        return EmbeddingError(
            f"the embedding endpoint {self._host} did not answer with vectors of finite numbers; "
            "check that DATELINE_EMBEDDING_BASE_URL ends as the server wants it (often in /v1)"
        )

    def _refused(self, error: "APIStatusError") -> EmbeddingError:
        status = error.status_code
        if status in (401, 403):
            reason = "it refuses the key; check DATELINE_EMBEDDING_API_KEY"
        elif status == 404:
            reason = "not found; check DATELINE_EMBEDDING_BASE_URL and DATELINE_EMBEDDING_MODEL"
        elif status == 429:
            reason = "too many requests; wait, then run the command again"
        elif status >= 500:
            reason = "it failed; look at its log, then run the command again"
        else:
            reason = "it refuses the request; check DATELINE_EMBEDDING_MODEL, or lower DATELINE_PASSAGE_WORDS"
        message = (
            f"the embedding endpoint {self._host} answered {status} for the model {self.model!r}: {reason}"
        )
        return EmbeddingError(message, retryable=status == 429 or status >= 500)


def word_rank(word: str) -> int | None:
    """See StaticEmbedder.word_rank; needs its word list alone, whichever model embeds."""
    return _words().token_to_id(word.lower())


@cache
def _words() -> Tokenizer:
    return _tokenizer(MODELS / "static")


def _tokenizer(folder: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as exc:  # what tokenizers raises is an Exception itself
        raise _unreadable(folder / "tokenizer.json") from exc


@cache
def _digest(folder: Path) -> str:
    """A short hash of all that decides the vectors: weights and tokenizer."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.*")):
        if path.suffix in (".json", ".onnx", ".safetensors"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _unreadable(path: Path) -> EmbeddingError:
    return EmbeddingError(f"the bundled model file {path} is missing or damaged; install Dateline again")
