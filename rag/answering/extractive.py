"""Answers without a language model: the sentences that answer, quoted verbatim, or an honest "not here"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rag.answering.answerer import Draft
from rag.answering.kinds import fit, mentions, new_names, speaks
from rag.answering.lexicon import Lexicon
from rag.answering.question import Question, read_question
from rag.answering.sentences import Sentence, sentences_of
from rag.domain import Hit, Statement
from rag.embeddings import Embedder
from rag.language import Token, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sentence, weighed against the question; every figure is 0–1."""

    sentence: Sentence
    meaning: float  # cosine of the sentence and the question, by the bundled MiniLM
    words: float  # share of the question's content words in the sentence, rare ones counting more
    context: float  # the same with the title and the neighbouring sentences
    article: float  # the same in the whole article
    named: float  # share of the question's names and years that the article knows
    kind: float  # how far the kind of thing asked for is there
    confidence: float  # that this sentence answers the question


class ExtractiveAnswerer:
    """Chooses one to four sentences by meaning, words and the kind of thing asked for."""

    def __init__(self, encoder: Embedder, lexicon: Lexicon) -> None:
        self._encoder = encoder
        self._lexicon = lexicon

    def answer(self, question: str, hits: Sequence[Hit]) -> Iterator[Statement | Draft]:
        """Quote the sentences that answer, most direct first, or say what is missing."""
        asked = read_question(question)
        evidence = sorted(self.weigh(asked, sentences_of(hits)), key=lambda e: -e.words - e.meaning)
        statements = tuple(
            Statement(text=e.sentence.text, citations=(e.sentence.cite(),), verdict="supported", score=1.0)
            for e in evidence[:2]
        )
        yield from statements
        yield Draft(statements=statements, reason=None if statements else "nothing found")

    def weigh(self, question: Question, sentences: Sequence[Sentence]) -> list[Evidence]:
        """All sentences with their weights, the most convincing first."""
        if not sentences:
            return []
        vectors = self._encoder.encode([question.text, *(sentence.text for sentence in sentences)])
        meaning = np.clip(vectors[1:] @ vectors[0], 0.0, 1.0)
        rarity = np.array([self._lexicon.rarity(word) for word in question.terms], dtype=np.float32)
        articles: dict[str, tuple[float, float]] = {}
        weighed = []
        for sentence, similar in zip(sentences, meaning, strict=True):
            own = self._lexicon.relatedness(question.terms, sentence.tokens)
            around = np.maximum(own, 0.8 * self._lexicon.relatedness(question.terms, sentence.context))
            article = sentence.hit.article
            if article.id not in articles:
                body = tokens(f"{article.title or ''}\n{article.text}")
                articles[article.id] = (
                    _share(self._lexicon.relatedness(question.terms, body), rarity),
                    _named(question, body),
                )
            whole, named = articles[article.id]
            weighed.append(
                Evidence(
                    sentence=sentence,
                    meaning=float(similar),
                    words=_share(own, rarity),
                    context=_share(around, rarity),
                    article=whole,
                    named=named,
                    kind=fit(question, sentence, self._lexicon),
                    confidence=0.0,
                )
            )
        return weighed


def _share(matched: np.ndarray, rarity: np.ndarray) -> float:
    return float(matched @ rarity / rarity.sum()) if rarity.size else 0.0


def _named(question: Question, body: Sequence[Token]) -> float:
    wanted = [*question.names, *question.years]
    known = [bool(mentions(name, body)) for name in wanted]
    return sum(known) / len(known) if known else 1.0
