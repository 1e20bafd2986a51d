"""Answers without a language model: the sentences that answer, quoted verbatim, or an honest "not here"."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.answerer import Draft
from rag.answering.kinds import Fitness, mentions
from rag.answering.lexicon import Lexicon
from rag.answering.missing import missing
from rag.answering.sentences import Sentence, sentences_of, words_of
from rag.domain import Hit, Statement
from rag.language import Token
from rag.question import Question, read_question
from rag.reranker import Reranker

SHORTLIST = 40  # sentences that the cross-encoder reads for one question: about 0.3 s on two cores
HEADLINE = 200  # characters of the title that it reads before a sentence
STATEMENTS = 4
# The weights of `Evidence.confidence` began as those of a logistic regression; they and these bounds were chosen on 218
# questions written for development (docs/benchmarks.md says how the choice does on others).
CONVINCING = 0.06
COMPARABLE = 0.5  # of the best sentence's confidence, from which another sentence is quoted too
CORROBORATING = 0.3  # the same for a sentence of an article not quoted yet: a second report is worth more
# Kinds of which a sentence that has nothing of the kind cannot be an answer, however near it is otherwise.
MUST_BE_THERE = ("count", "amount", "date", "speech")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sentence, weighed against the question; shares are 0–1."""

    sentence: Sentence
    reading: float  # the cross-encoder's logit for question and sentence
    words: float  # share of the question's content words that the sentence has, or something like them
    kin: float  # the same by forms and synonyms alone, names aside
    around: float  # the same with the title and the neighbouring sentences
    article: float  # share of the content words that the whole article has, or something like them
    named: float  # share of the question's names and years that the article knows
    kind: float  # how far the kind of thing asked for is there
    rank: int  # of its passage in the search, from 0

    @property
    def confidence(self) -> float:
        """0–1: how likely the sentence answers the question."""
        weighed = (
            0.32 * self.reading
            + 1.0 * self.words
            + 1.9 * self.kin
            + 0.7 * self.around
            + 1.2 * self.article
            + 0.8 * self.named
            + 1.85 * self.kind
            + 1.0 / (1 + self.rank)
        )
        return 1 / (1 + math.exp(8.0 - weighed))


class ExtractiveAnswerer:
    """Chooses one to four sentences by what they say, by their words and by the kind of thing asked for."""

    def __init__(self, reranker: Reranker, lexicon: Lexicon) -> None:
        self._reranker = reranker
        self._lexicon = lexicon

    def answer(self, question: str, hits: Sequence[Hit]) -> Iterator[Statement | Draft]:
        """Quote the sentences that answer, most direct first, or say what is missing."""
        asked = read_question(question)
        evidence = self.weigh(asked, sentences_of(hits))
        chosen = choose(asked, evidence)
        statements = tuple(map(_statement, merge_copies(chosen)))
        yield from statements
        yield Draft(statements=statements, reason=None if statements else missing(asked, hits, evidence))

    def weigh(self, question: Question, sentences: Sequence[Sentence]) -> list[Evidence]:
        """Each of the most promising sentences with its weights, in the order of the passages."""
        terms = self._lexicon.matcher(question.terms)
        plain = self._lexicon.matcher(
            [word for word in question.terms if not word.is_capitalised and not word.text.isdigit()]
        )
        rarity = np.array([self._lexicon.rarity(word) for word in question.terms], dtype=np.float32)
        for matcher in (terms, plain):
            matcher.meet(word for sentence in sentences for word in (*sentence.tokens, *sentence.context))
        words = [_share(terms.relatedness(sentence.tokens), rarity) for sentence in sentences]
        places = self._shortlist(question, sentences, words)
        chosen = [sentences[place] for place in places]
        readings = self._reranker.score(question.text, [_headed(sentence) for sentence in chosen])
        known = {
            article.id: (_share(terms.relatedness(body), rarity), _named(question, body))
            for article in {sentence.hit.article for sentence in chosen}
            for body in [words_of(article)]
        }
        fitness = Fitness(question, self._lexicon)
        return [
            Evidence(
                sentence=sentence,
                reading=float(reading),
                words=words[place],
                kin=_mean(plain.kinship(sentence.tokens)),
                around=_mean(plain.kinship((*sentence.tokens, *sentence.context))),
                article=known[sentence.hit.article.id][0],
                named=known[sentence.hit.article.id][1],
                kind=fitness.of(sentence),
                rank=sentence.rank,
            )
            for place, sentence, reading in zip(places, chosen, readings, strict=True)
        ]

    def _shortlist(
        self, question: Question, sentences: Sequence[Sentence], words: Sequence[float]
    ) -> list[int]:
        """Places of the sentences worth reading closely, by words and by the static model."""
        if len(sentences) <= SHORTLIST:
            return list(range(len(sentences)))
        vectors = self._lexicon.embed([question.text, *(sentence.text for sentence in sentences)])
        scores = vectors[1:] @ vectors[0] + np.array(words)
        return sorted(np.argsort(-scores, kind="stable")[:SHORTLIST].tolist())


def choose(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences to quote, the most convincing first; none when none convinces."""
    fitting = [each for each in evidence if each.kind > 0 or question.kind not in MUST_BE_THERE]
    ordered = sorted(fitting, key=lambda each: (-each.confidence, each.sentence.start, each.sentence.text))
    if not ordered or ordered[0].confidence < CONVINCING:
        return []
    best = ordered[0].confidence
    chosen: list[Evidence] = []
    for each in ordered:
        quoted = {earlier.sentence.hit.article.id for earlier in chosen}
        share = COMPARABLE if each.sentence.hit.article.id in quoted else CORROBORATING
        if each.confidence >= max(CONVINCING, share * best) and len(chosen) < STATEMENTS:
            chosen.append(each)
    return chosen


def merge_copies(chosen: Sequence[Evidence]) -> list[list[Sentence]]:
    """Sentences with the same words belong to one statement that cites them all."""
    merged: dict[tuple[str, ...], list[Sentence]] = {}
    for each in chosen:
        merged.setdefault(tuple(word.stem for word in each.sentence.tokens), []).append(each.sentence)
    return list(merged.values())


def _statement(copies: Sequence[Sentence]) -> Statement:
    return Statement(
        text=copies[0].text,
        citations=tuple(sentence.cite() for sentence in copies),
        verdict="supported",  # a quotation is what it cites
        score=1.0,
    )


def _headed(sentence: Sentence) -> str:
    """The sentence under its article's headline: it often says who and where."""
    title = (sentence.hit.article.title or "")[:HEADLINE]
    return sentence.text if sentence.text.startswith(title[:60]) else f"{title}. {sentence.text}"


def _share(matched: NDArray[np.float32], rarity: NDArray[np.float32]) -> float:
    return float(matched @ rarity / rarity.sum()) if rarity.size else 0.0


def _mean(values: Sequence[float] | NDArray[np.float32]) -> float:
    return float(np.mean(values)) if len(values) else 1.0


def _named(question: Question, words: Sequence[Token]) -> float:
    wanted = [*question.names, *question.years]
    return _mean([float(bool(mentions(name, words))) for name in wanted])
