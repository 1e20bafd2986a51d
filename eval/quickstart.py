"""What a user of LlamaIndex's quickstart would write to ingest articles: the peer in `eval.speed`.

VectorStoreIndex with its own SentenceSplitter, Chroma on disk, and Chroma's default embedding function.
"""

import json
from pathlib import Path
from typing import Any, Protocol

import chromadb
from chromadb.config import Settings
from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore
from pydantic import PrivateAttr


class EmbeddingFunction(Protocol):
    """As Chroma has it: one vector per text."""

    def __call__(self, input: list[str]) -> Any: ...  # noqa: A002 - Chroma's name


class ChromaDefault(BaseEmbedding):
    """Chroma's embedding function, as LlamaIndex wants it."""

    _function: EmbeddingFunction = PrivateAttr()

    def __init__(self, function: EmbeddingFunction) -> None:
        super().__init__(model_name="all-MiniLM-L6-v2")
        self._function = function

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self._function(texts)]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def default_function(model: Path) -> ONNXMiniLM_L6_V2:
    """Chroma's default embedding function with the model under `onnx/` in this folder: none is fetched."""

    class Local(ONNXMiniLM_L6_V2):
        DOWNLOAD_PATH = model

    return Local()


def ingest(articles: Path, folder: Path, function: EmbeddingFunction) -> int:
    """Index the articles of a JSON Lines file into this folder; returns how many nodes there are."""
    with articles.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    documents = [
        Document(
            text=row["text"], metadata={key: row[key] for key in ("title", "date", "source") if row.get(key)}
        )
        for row in rows
    ]
    client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    collection = client.create_collection("news")
    context = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
    VectorStoreIndex.from_documents(documents, storage_context=context, embed_model=ChromaDefault(function))
    return collection.count()
