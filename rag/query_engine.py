"""Dateline's answers for LlamaIndex: a query engine whose source nodes are the cited spans."""

import asyncio
from collections.abc import Callable

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.domain import Answer, Citation, Statement
from rag.spoken import closing, piece


class QueryEngine(BaseQueryEngine):
    """Answers with `ask`; use it wherever LlamaIndex takes a query engine, such as a router or a tool."""

    def __init__(self, ask: Callable[[str], Answer]) -> None:
        super().__init__(callback_manager=None)
        self._ask = ask

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return response_of(self._ask(query_bundle.query_str))

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def response_of(answer: Answer) -> Response:
    """The answer as LlamaIndex knows it: its sentences with [n], which counts the source nodes from 1.

    The metadata says what the text cannot: status, verdicts in the order of the sentences, conflicts, notice.
    """
    citations = list(dict.fromkeys(each for statement in answer.statements for each in statement.citations))
    sentences = [_marked(statement, citations) for statement in answer.statements]
    return Response(
        response=" ".join([*sentences, *(each.text for each in closing(answer))]),
        source_nodes=[NodeWithScore(node=_node(citation), score=None) for citation in citations],
        metadata={
            "status": answer.status,
            "verdicts": [statement.verdict for statement in answer.statements],
            "conflicts": [conflict.sentence for conflict in answer.conflicts],
            "notice": answer.notice,
        },
    )


def _marked(statement: Statement, citations: list[Citation]) -> str:
    marks = "".join(f"[{citations.index(each) + 1}]" for each in statement.citations)
    return f"{piece(statement).text} {marks}".rstrip()


def _node(citation: Citation) -> TextNode:
    about = {
        "article_id": citation.article_id,
        "title": citation.title,
        "source": citation.source,
        "published": citation.published.isoformat() if citation.published else None,
        "url": citation.url,
        "sha256": citation.sha256,
    }
    return TextNode(
        id_=f"{citation.article_id}:{citation.start}-{citation.end}",
        text=citation.quote,
        start_char_idx=citation.start,
        end_char_idx=citation.end,
        metadata=about,
        excluded_embed_metadata_keys=list(about),
    )
