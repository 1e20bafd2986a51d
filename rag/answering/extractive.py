"""Answers without a language model: the sentences that answer, quoted verbatim, or an honest "not here"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.answerer import Draft
from rag.answering.kinds import fit, mentions, new_names, speaks
from rag.answering.lexicon import Lexicon
from rag.answering.question import Question, read_question
from rag.answering.sentences import Sentence, sentences_of
from rag.domain import Hit, Statement
from rag.embeddings import Embedder
from rag.language import Token, tokens

SHORTLIST = 40  # sentences that MiniLM reads for one question: about 0.1 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sentence, weighed against the question; every figure is 0–1."""

    sentence: Sentence
    meaning: float  # cosine of the sentence and the question, by the bundled MiniLM
    words: float  # share of the question's content words in the sentence, rare ones counting more
    context: float  # the same with the title and the neighbouring sentences
    article: float  # the same in the whole article
    missing: float  # rarity of the most telling word of the question that the article has nothing like
    absent: float  # the same for the sentence and its context
    named: float  # share of the question's names and years that the article knows
    near: float  # the same for the sentence and its context
    kind: float  # how far the kind of thing asked for is there


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
        """Each of the most promising sentences with its weights, in the order of the passages."""
        relate, terms = self._lexicon.relatedness, question.terms
        rarity = np.array([self._lexicon.rarity(word) for word in terms], dtype=np.float32)
        own = [relate(terms, sentence.tokens) for sentence in sentences]
        chosen = self._shortlist(question, sentences, [_share(matched, rarity) for matched in own])
        vectors = self._encoder.encode([question.text, *(sentences[place].text for place in chosen)])
        meaning = np.clip(vectors[1:] @ vectors[0], 0.0, 1.0)
        articles: dict[str, tuple[NDArray[np.float32], float]] = {}
        weighed = []
        for place, similar in zip(chosen, meaning, strict=True):
            sentence = sentences[place]
            around = np.maximum(own[place], 0.9 * relate(terms, sentence.context))
            article = sentence.hit.article
            if article.id not in articles:
                body = tokens(f"{article.title or ''}\n{article.text}")
                articles[article.id] = (relate(terms, body), _named(question, body))
            whole, named = articles[article.id]
            weighed.append(
                Evidence(
                    sentence=sentence,
                    meaning=float(similar),
                    words=_share(own[place], rarity),
                    context=_share(around, rarity),
                    article=_share(whole, rarity),
                    missing=_lack(whole, rarity),
                    absent=_lack(around, rarity),
                    named=named,
                    near=_named(question, (*sentence.tokens, *sentence.context)),
                    kind=fit(question, sentence, self._lexicon),
                )
            )
        return weighed

    def _shortlist(
        self, question: Question, sentences: Sequence[Sentence], shares: Sequence[float]
    ) -> list[int]:
        """Places of the sentences worth a closer look, by words and by the fast static model."""
        if len(sentences) <= SHORTLIST:
            return list(range(len(sentences)))
        vectors = self._lexicon.embed([question.text, *(sentence.text for sentence in sentences)])
        scores = vectors[1:] @ vectors[0] + np.array(shares)
        return sorted(np.argsort(-scores, kind="stable")[:SHORTLIST].tolist())


def _share(matched: NDArray[np.float32], rarity: NDArray[np.float32]) -> float:
    return float(matched @ rarity / rarity.sum()) if rarity.size else 0.0


def _lack(matched: NDArray[np.float32], rarity: NDArray[np.float32]) -> float:
    return float(((1 - matched) * rarity).max()) if rarity.size else 0.0


def _named(question: Question, words: Sequence[Token]) -> float:
    wanted = [*question.names, *question.years]
    known = [bool(mentions(name, words)) for name in wanted]
    return sum(known) / len(known) if known else 1.0
