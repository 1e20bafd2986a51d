"""Answers without a language model: the sentences that answer, quoted verbatim, or an honest "not here"."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answering.answerer import Draft
from rag.answering.comparing import compares, read_of_one
from rag.answering.kinds import CUES, PLAIN, Fitness, mentions, new_names
from rag.answering.lexicon import Lexicon
from rag.answering.missing import missing
from rag.answering.sentences import Sentence, sentences_of, words_of
from rag.answering.verification.thesaurus import ADJECTIVE, ADVERB, VERB, thesaurus
from rag.domain import Article, Hit, Statement
from rag.language import Token, names, tokens
from rag.question import ANYBODYS, BODIES, TITLES, Question, read_question
from rag.reader import Reader, Reading

SHORTLIST = 40  # sentences that the reader reads for one question: about 0.3 s on two cores
HEADLINE = 200  # characters of the title that it reads before a sentence
STATEMENTS = 4
CLEAR = 12.0  # margin of an answer beyond which more says no more
OTHER_MATTER = -8.0  # relevance below which a sentence in which no answer is found is about something else
# Margin below which the reader sees no answer, how surely says no more: only the kind of thing asked for may be plainly
# there, as a weekday is where a date is asked for.
UNSEEN = -8.0
SEEN = -1.0  # margin from which the reader may be believed that something is told of
KNOWN = 0.5  # share of the names asked about that an article must know to answer
# The weights of `Evidence.confidence` are those of a logistic regression, rounded; they and these bounds were chosen on
# questions for development (docs/benchmarks.md says on which, and how the choice does on others).
CONVINCING = 0.425
COMPARABLE = 0.8  # of the best sentence's confidence, from which another sentence is quoted too
CORROBORATING = 0.7  # the same for a sentence of an article not quoted yet: a second report is worth more
# Kinds that ask when or why something was done, or what was said at it, and take it that it was.
PRESUMING = ("date", "reason", "speech")
# Kinds that no words show for sure, as "for" and "after" give reasons and much else: the reader must see the answer.
NEVER_PLAIN = ("reason",)
# Kinds of which a sentence that has nothing of the kind cannot be an answer, however near it is otherwise.
MUST_BE_THERE = ("count", "amount", "date", "event", "speech")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A sentence, weighed against the question; shares are 0–1."""

    sentence: Sentence
    reading: Reading  # of the question and the sentence under its headline
    kin: float  # share of the question's content words that the sentence has, in some form or a synonym; names aside
    named: float  # share of the question's names and years that the article knows
    kind: float  # how far the kind of thing asked for is there
    told: float  # how far what the question takes for done is told; 1 where it takes nothing so
    place: int  # of its passage in the search, from 0

    @property
    def confidence(self) -> float:
        """0–1: how likely the sentence answers the question."""
        weighed = (
            0.24 * max(UNSEEN, min(CLEAR, self.reading.margin))
            + 1.1 * self.kin
            + 2.15 * self.named
            + 0.2 / (1 + self.place)
        )
        return 1 / (1 + math.exp(1.2 - weighed))


_DESCRIBES = re.compile(r"^[A-Z][a-z]+(?:ic|al|ous|ful|ive|ed|ing|ent|ant|ly|less|able|vy|er)$")


class ExtractiveAnswerer:
    """Chooses one to four sentences by what they say, by their words and by the kind of thing asked for."""

    def __init__(self, reader: Reader, lexicon: Lexicon) -> None:
        self._reader = reader
        self._lexicon = lexicon

    def answer(self, question: str, hits: Sequence[Hit]) -> Iterator[Statement | Draft]:
        """Quote the sentences that answer, most direct first, or say what is missing."""
        if compares(question) and len({hit.article.id for hit in hits}) > 1:
            asked, pick = read_of_one(question), choose_of_each
        else:
            asked, pick = read_question(question), choose
        evidence = self.weigh(asked, sentences_of(hits))
        statements = tuple(map(_statement, merge_copies(pick(asked, evidence))))
        yield from statements
        yield Draft(statements=statements, reason=None if statements else missing(asked, hits, evidence))

    def weigh(self, question: Question, sentences: Sequence[Sentence]) -> list[Evidence]:
        """Each of the most promising sentences with its weights, in the order of the passages."""
        plain = self._lexicon.matcher(_plain(question))
        plain.meet(word for sentence in sentences for word in sentence.tokens)
        chosen = self._shortlist(question, sentences)
        texts = [_headed(sentence) for sentence in chosen]
        headed = [len(text) - len(each.text) for text, each in zip(texts, chosen, strict=True)]
        readings = self._reader.read(question.text, texts, headed)
        articles = {sentence.hit.article for sentence in chosen}
        named = {article.id: share_known(question, article) for article in articles}
        told = self._told(question, sentences)
        fitness = Fitness(question, self._lexicon)
        kinds = [
            min(fitness.of(sentence), self._called(question, reading, sentence))
            for sentence, reading in zip(chosen, readings, strict=True)
        ]
        return [
            Evidence(
                sentence=sentence,
                reading=reading,
                kin=_mean(plain.kinship(sentence.tokens)),
                named=named[sentence.hit.article.id],
                kind=kind,
                told=told[sentence.hit.article.id]
                * fitness.tells_harm(sentence)
                * _names_one(question, reading, sentence),
                place=sentence.rank,
            )
            for sentence, reading, kind in zip(chosen, readings, kinds, strict=True)
        ]

    def _told(self, question: Question, sentences: Sequence[Sentence]) -> dict[str, float]:
        """By article how well its passages have the verb that they have worst of those taken for done."""
        presumed = _presumed(question)
        if not presumed:
            return {sentence.hit.article.id: 1.0 for sentence in sentences}
        words: dict[str, list[Token]] = {}
        for sentence in sentences:
            words.setdefault(sentence.hit.article.id, []).extend((*sentence.tokens, *sentence.context))
        matcher = self._lexicon.matcher(presumed)
        return {each: float(matcher.relatedness(said).min()) for each, said in words.items()}

    def _called(self, question: Question, reading: Reading, sentence: Sentence) -> float:
        """For a question that wants a name how far what the reader points at may be the one: 0–1; for others 1.

        "Which minister …" is answered by one who is called a minister; by no president; perhaps by a bare name.
        """
        if not question.wants_name:
            return 1.0
        title = question.focus[-1:]
        if not title or title[0].text.lower() in ANYBODYS:
            return 0.5
        text = _headed(sentence)
        if any(word.text.lower() in BODIES for word in _name_at(text, reading.start)[-1:]):
            return 0.0  # "the Foreign Ministry" is no minister
        called = (*_before(text, reading.start), *tokens(text[reading.start : reading.end]))
        titles = [word for word in called if word.text.lower() in TITLES - ANYBODYS]
        return float(self._lexicon.matcher(title).kinship(titles)[0]) if titles else 0.5

    def _shortlist(self, question: Question, sentences: Sequence[Sentence]) -> Sequence[Sentence]:
        """The sentences worth reading closely, by words and by the static model, in the order of the passages."""
        if len(sentences) <= SHORTLIST:
            return sentences
        terms = self._lexicon.matcher(question.terms)
        terms.meet(word for sentence in sentences for word in sentence.tokens)
        rarity = np.array([self._lexicon.rarity(word) for word in question.terms], dtype=np.float32)
        words = [_share(terms.relatedness(sentence.tokens), rarity) for sentence in sentences]
        vectors = self._lexicon.embed([question.text, *(sentence.text for sentence in sentences)])
        scores = vectors[1:] @ vectors[0] + np.array(words)
        return [sentences[place] for place in sorted(np.argsort(-scores, kind="stable")[:SHORTLIST].tolist())]


def choose(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences to quote, the most convincing first; none when none convinces."""
    ordered = _convincing(question, evidence)
    chosen: list[Evidence] = []
    for each in ordered:
        quoted = {earlier.sentence.hit.article.id for earlier in chosen}
        share = COMPARABLE if each.sentence.hit.article.id in quoted else CORROBORATING
        if each.confidence >= share * ordered[0].confidence and len(chosen) < STATEMENTS:
            chosen.append(each)
    return chosen


def choose_of_each(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The most convincing sentence of each article, for a question that compares them."""
    best: dict[str, Evidence] = {}
    for each in _convincing(question, evidence):
        best.setdefault(each.sentence.hit.article.id, each)
    return list(best.values())[:STATEMENTS]


def _convincing(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    fitting = [each for each in evidence if may_answer(question, each)]
    ordered = sorted(fitting, key=lambda each: (-each.confidence, each.sentence.start, each.sentence.text))
    return [each for each in ordered if each.confidence >= CONVINCING]


def may_answer(question: Question, each: Evidence) -> bool:
    """Whether the sentence can be an answer at all, however its weights add up."""
    margin = each.reading.margin
    if each.kind == 0 and (question.kind in MUST_BE_THERE or question.wants_name):
        return False
    plain = each.kind >= PLAIN and question.kind not in NEVER_PLAIN
    return (
        (plain or margin > UNSEEN)
        and (each.told >= PLAIN or margin > SEEN)
        and (each.reading.relevance > OTHER_MATTER or margin > 0)
        and each.named >= KNOWN
    )


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


def _names_one(question: Question, reading: Reading, sentence: Sentence) -> bool:
    """Whether the reader points at a name, where one is wanted."""
    answer = _headed(sentence)[reading.start : reading.end]
    return not question.wants_name or bool(new_names(question, answer))


def _before(text: str, place: int) -> list[Token]:
    """The words of the phrase that ends there: "UN Secretary General" before a name."""
    return tokens(re.split(r"[.,;:()“”\"]", text[:place])[-1])[-4:]


def _name_at(text: str, place: int) -> list[Token]:
    """The words of the whole name that has this place."""
    return [word for start, end in names(text) if start <= place < end for word in tokens(text[start:end])]


def _share(matched: NDArray[np.float32], rarity: NDArray[np.float32]) -> float:
    return float(matched @ rarity / rarity.sum()) if rarity.size else 0.0


def _mean(values: Sequence[float] | NDArray[np.float32]) -> float:
    return float(np.mean(values)) if len(values) else 1.0


def _plain(question: Question) -> list[Token]:
    """The content words that are no names; "say" says nothing of what was said."""
    words = [word for word in question.terms if not word.is_capitalised and not word.text.isdigit()]
    return [word for word in words if question.kind != "speech" or word.text.lower() not in CUES]


def _presumed(question: Question) -> list[Token]:
    """ "When did they apologise?" takes it that they did: the words that can only be verbs."""
    words = _plain(question) if question.kind in PRESUMING else []
    return [word for word in words if thesaurus().parts(word.text.lower()) == VERB]


def share_known(question: Question, article: Article) -> float:
    """Share of the question's names and years that the article knows; 1 where there are none."""
    known = (*words_of(article), *tokens(article.source or ""))
    asked = [name for name in question.names if not (question.text.startswith(name) and _is_ordinary(name))]
    return _mean([float(bool(mentions(name, known))) for name in (*asked, *question.years)])


def _is_ordinary(word: str) -> bool:
    """Whether a word that begins a question does so as any word may: "Historic rainfall", not "Libyan police"."""
    parts = thesaurus().parts(word.lower())
    return bool(_DESCRIBES.search(word)) and bool(parts & (ADJECTIVE | ADVERB | VERB))
