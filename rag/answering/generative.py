"""Answers written by a language model, each sentence checked against the passage that it cites.

Two strategies. "single": one prompt with all passages, for models that follow it. "map": passage by passage,
one token on whether the answer is in it, then a sentence from each of the likeliest. So the citation is known
whatever the model writes, small models refuse what they cannot answer, and what the articles say is put together
here.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import shorten
from threading import Lock
from typing import Literal, Protocol

from rag.answering.answerer import Answerer, Draft
from rag.answering.checking import AskedBack, Checked, Checker, ModelVerifier, Verifies
from rag.answering.citations import DraftReader, DraftSentence, read_draft
from rag.answering.comparing import compares, of_one
from rag.domain import Article, Delta, Hit, Statement
from rag.errors import LLMError
from rag.llm import Completion, Deadline, LanguageModel
from rag.prompts import NOTHING, Prompt, answer_prompt, holds_prompt, passage_prompt

MOST_PASSAGES = 6  # read one by one for a question
# "Yes" must be likelier than "No". With Qwen2.5-Coder-1.5B on the seeds: .48 to .77 for passages that held
# the answer, .27 to .58 for those that did not.
HOLDS = 0.5
PASSAGE_SHARE = 4  # of the tokens that one call may write, one in so many for a sentence on one passage
LABEL = 60  # characters of a title that an article is called by
MOST_ARTICLES = 4  # that are compared with each other
PASSAGES_EACH = 3  # of each of them
RECITATIONS = 3  # passages that a model is asked about for a sentence that its own does not support

_log = logging.getLogger(__name__)

_REFUSAL = re.compile(rf"{NOTHING}|^\W*none\W*$", re.IGNORECASE)
# So does a treaty: "Article 5 does not provide for …". What the passage says is no refusal.
_SEEMS_REFUSAL = re.compile(
    r"\b(?:passages?|articles?|texts?)\b.{0,40}?\b(?:do(?:es)? not|don['’]t|doesn['’]t|did not)\b.{0,20}?"
    r"\b(?:say|mention|state|specify|provide|contain|include|tell|answer|give)\b"
    r"|^There is no (?:information|mention|indication)\b|\bno (?:\w+ )?information\b"
    r"|\b(?:is|are|was|were)(?: not|n['’]t) (?:\w+ )?(?:mentioned|stated|specified|given|provided|named|known|clear)\b"
    r"|^\W*not (?:mentioned|stated|specified|given|provided|known|clear)\b"
    r"|\b(?:unclear|unknown|unspecified)\b|\bcan(?:no|['’])t (?:be )?(?:determined?|tell|told|answer(?:ed)?)\b",
    re.IGNORECASE,
)
_BACKED = ("supported", "partly")
_FALLBACK = "What is shown instead is quoted from the articles, without a language model"
_CUT = (
    "The model's answer reached its limit of {} tokens (DATELINE_LLM_MAX_TOKENS); "
    "its last sentence is left out"
)


class Answers(Protocol):
    """Tells an answer from a sentence beside the point; see rag/answering/relevance.py."""

    def answers(self, question: str, statement: Statement, hit: Hit) -> bool:
        """Whether the statement, which cites the passage, answers the question."""

    def surely_answers(self, question: str, quote: Statement, hit: Hit) -> bool:
        """Whether a quotation of the passage does, beyond what must be asked of a sentence written as an answer."""


class GenerativeAnswerer:
    """Lets a language model write, and shows as fact only what the passages support."""

    def __init__(
        self,
        model: LanguageModel,
        *,
        verifier: Verifies,
        relevance: Answers,
        fallback: Answerer,
        strategy: Literal["single", "map"],
        check_with_model: bool,
        unsupported: Literal["show", "drop"],
        seconds: float,
    ) -> None:
        """`fallback` answers when the model fails; `seconds` is what all calls for one answer may take.

        `verifier` checks the sentences; with `check_with_model` the model does, and it only finds the place.
        """
        self._model = model
        self._verifier = verifier
        self._relevance = relevance
        self._fallback = fallback
        self._strategy = strategy
        self._check_with_model = check_with_model
        self._show = unsupported == "show"
        self._seconds = seconds

    def answer(self, question: str, hits: Sequence[Hit]) -> Iterator[Delta | Statement | Draft]:
        """Write and check; abstain when nothing that was written is supported. Never raises LLMError."""
        if not hits:
            yield from self._fallback.answer(question, hits)
            return
        calls = _Calls(self._model, Deadline(self._seconds))
        checker = self._checker(calls, passages=len(hits))
        writing = _Writing(question, hits, calls, checker, self._relevance, show=self._show)
        try:
            with checker.reading(hits):
                yield from writing.from_all() if self._strategy == "single" else writing.from_each()
        except LLMError as error:
            _log.info("%s; quoting instead", error)  # the reader is told by the notice
            for event in self._fallback.answer(question, hits):
                if isinstance(event, Draft):
                    yield replace(event, notice=f"{_sentence(error)} {_FALLBACK}", usage=calls.usage)
                else:
                    yield event

    def _checker(self, calls: "_Calls", *, passages: int) -> Checker:
        model = ModelVerifier(self._verifier, calls.chance)
        if self._check_with_model:
            return Checker(model, others=RECITATIONS, threads=1)
        if self._strategy == "map":  # for models that need it, and that are asked one token at a time anyway
            return Checker(AskedBack(self._verifier, model), others=passages, literal=True, threads=1)
        return Checker(self._verifier, others=passages)


class _Writing:
    """One answer in the making."""

    def __init__(
        self,
        question: str,
        hits: Sequence[Hit],
        calls: "_Calls",
        checker: Checker,
        relevance: Answers,
        *,
        show: bool,
    ) -> None:
        self._question = question
        self._hits = hits
        self._calls = calls
        self._checker = checker
        self._relevance = relevance
        self._show = show  # what is not supported
        self._written: set[str] = set()
        self._checked: list[Checked] = []
        self._beside: Checked | None = None  # a statement that is true and answers something else

    def from_all(self) -> Iterator[Delta | Statement | Draft]:
        """One prompt with all passages that fit, best first."""
        prompt, given = _fitting(self._question, self._hits, self._calls.model)
        reader = DraftReader(passages=len(given))
        with self._checker.line(given, question=self._question) as line:
            for piece in _held_back(self._calls.stream(prompt)):
                yield Delta(text=piece)
                line.add(self._new(reader.feed(piece)))
                yield from self._take(line.ready())
            last = reader.finish()
            line.add(self._new(last[:-1] if self._calls.cut else last))
            yield from self._take(line.rest())
        if reader.unknown:
            _log.info("%d marks named no passage", reader.unknown)
        yield self._draft(given, _CUT.format(self._calls.model.max_tokens) if self._calls.cut else None)

    def from_each(self) -> Iterator[Delta | Statement | Draft]:
        """Passage by passage: first which of them hold the answer, then the answer of the likeliest ones."""
        if compares(self._question) and len({hit.article.id for hit in self._hits}) > 1:
            yield from self._compared()
            return
        given = range(len(self._hits))[:MOST_PASSAGES]
        for place in self._promising(self._question, given):
            written = self._new(self._sentences(self._question, place))
            checked = (self._checker.check(each, self._hits, question=self._question) for each in written)
            yield from self._take(checked, of_one_passage=True)
            if self._supported:
                break
        notice = None
        try:
            self._corroborate([self._hits[place] for place in given])
        except LLMError as error:
            notice = f"{_sentence(error)} Whether other articles say the same was not looked at"
        yield self._draft(self._hits[: len(given)], notice)

    def _compared(self) -> Iterator[Delta | Statement | Draft]:
        """What each article says, side by side."""
        question = of_one(self._question)
        for article in list(dict.fromkeys(hit.article.id for hit in self._hits))[:MOST_ARTICLES]:
            places = [place for place, hit in enumerate(self._hits) if hit.article.id == article]
            for place in self._promising(question, places[:PASSAGES_EACH]):
                hit = self._hits[place]
                own = (replace(each, marks=(1,)) for each in _claims(self._sentences(question, place)))
                checked = (self._checker.check(each, [hit], question=question) for each in own)
                quoted = (self._quote(one, question) or one for one in filter(_is_claim, checked))
                supported = next((one for one in quoted if one.statement.verdict == "supported"), None)
                if supported:
                    said = replace(supported, label=_label(hit.article))
                    self._checked.append(said)
                    yield said.shown
                    break
        yield self._draft(self._hits, None)

    def _promising(self, question: str, places: Sequence[int]) -> list[int]:
        """The passages that seem to hold the answer, the likeliest first."""
        chances = {place: self._calls.chance(holds_prompt(question, self._hits[place])) for place in places}
        return sorted(
            (place for place in places if chances[place] >= HOLDS), key=lambda place: -chances[place]
        )

    def _sentences(self, question: str, place: int) -> list[DraftSentence]:
        """What the model takes from one passage, each sentence with the mark of that passage."""
        prompt = passage_prompt(question, self._hits[place])
        reply = self._calls.complete(prompt, max_tokens=self._calls.model.max_tokens // PASSAGE_SHARE)
        sentences = read_draft(reply.text, passages=0).sentences
        kept = sentences[:-1] if reply.cut else sentences
        return [replace(sentence, marks=(place + 1,)) for sentence in kept]

    def _take(self, checked: Iterable[Checked], *, of_one_passage: bool = False) -> Iterator[Statement]:
        """Keep sentences, and give them out.

        `of_one_passage`: what is true and beside the point is left out, and what the passage does not quite say is
        said in its own words.
        """
        for one in filter(_is_claim, checked):
            if of_one_passage and one.statement.verdict == "supported" and not self._answers(one):
                self._beside = one
                continue
            if of_one_passage and (quote := self._quote(one, self._question)):
                one = quote
                if any(map(quote.overlaps, self._supported)):
                    continue
            self._checked.append(one)
            if self._show or one.statement.verdict in _BACKED:
                yield one.statement

    def _new(self, sentences: Sequence[DraftSentence]) -> Iterator[DraftSentence]:
        """The claims that were not written before: small models repeat themselves."""
        for sentence in _claims(sentences):
            if sentence.text not in self._written:
                self._written.add(sentence.text)
                yield sentence

    def _quote(self, one: Checked, question: str) -> Checked | None:
        """The passage's own words for a sentence that it does not quite say, if they surely answer."""
        if one.statement.verdict == "supported":
            return None
        for quote in self._checker.quotes(one, question=question):
            if self._relevance.surely_answers(self._question, quote.statement, quote.hits[0]):
                return quote
        return None

    def _corroborate(self, given: Sequence[Hit]) -> None:
        """Let supported statements cite the other articles that say the same."""
        supports = self._checker.supports
        for place, one in enumerate(self._checked):
            citations = list(one.statement.citations)
            for hit in given if one.statement.verdict == "supported" else ():
                if hit.article.id not in {citation.article_id for citation in citations}:
                    citations += filter(None, [supports(one.statement.text, hit, question=self._question)])
            self._checked[place] = replace(one, statement=replace(one.statement, citations=tuple(citations)))

    @property
    def _supported(self) -> list[Checked]:
        return [one for one in self._checked if one.statement.verdict == "supported"]

    def _answers(self, one: Checked) -> bool:
        return self._relevance.answers(self._question, one.statement, one.hits[0])

    def _draft(self, read: Sequence[Hit], notice: str | None) -> Draft:
        """The statements in the order written, those without support last; or why there are none."""
        statements = [one.shown for one in self._checked]
        reason = self._reason(read)
        backed = [statement for statement in statements if statement.verdict in _BACKED]
        others = [statement for statement in statements if statement.verdict not in _BACKED]
        return Draft(
            statements=() if reason else (*backed, *(others if self._show else ())),
            reason=reason,
            notice=notice,
            model=self._calls.model.name,
            usage=self._calls.usage,
        )

    def _reason(self, read: Sequence[Hit]) -> str | None:
        """Why there is no answer; None: there is one."""
        nearest = f"the nearest is from {_label(read[0].article)}."
        within = f"the {len(read)} passages it read" if len(read) > 1 else "the passage it read"
        if any(map(self._answers, self._supported)):
            return None
        if beside := next(iter(self._supported), self._beside):
            text = beside.statement.text
            return f"What the language model took from {within} does not answer the question (“{text}”); {nearest}"
        if not self._checked:
            return f"The language model found no answer in {within}; {nearest}"
        best = max((one.statement for one in self._checked), key=lambda statement: statement.score)
        written = f"“{best.text}”: {best.reason}"
        return f"What the language model wrote is not supported by {within} ({written}); {nearest}"


class _Calls:
    """The calls for one answer: they share a deadline, and their tokens are added up."""

    def __init__(self, model: LanguageModel, deadline: Deadline) -> None:
        self.model = model
        self.cut = False  # whether what was streamed last reached its limit of tokens
        self._deadline = deadline
        self._usage: Counter[str] = Counter()
        self._lock = Lock()

    @property
    def usage(self) -> Mapping[str, int]:
        return dict(self._usage)

    def stream(self, prompt: Prompt) -> Iterator[str]:
        for piece in self.model.stream(prompt, deadline=self._deadline):
            if isinstance(piece, Completion):
                self._count(piece)
                self.cut = piece.cut
            else:
                yield piece

    def complete(self, prompt: Prompt, *, max_tokens: int) -> Completion:
        reply = self.model.complete(prompt, deadline=self._deadline, max_tokens=max_tokens)
        self._count(reply)
        return reply

    def chance(self, prompt: Prompt) -> float:
        """How likely Yes is, rather than No."""
        chance, reply = self.model.probability(prompt, yes="Yes", no="No", deadline=self._deadline)
        self._count(reply)
        return chance

    def _count(self, reply: Completion) -> None:
        with self._lock:
            self._usage.update(reply.usage)


def _claims(sentences: Iterable[DraftSentence]) -> Iterator[DraftSentence]:
    """Without those that only say that there is no answer."""
    return (sentence for sentence in sentences if not _REFUSAL.search(sentence.text))


def _is_claim(one: Checked) -> bool:
    """Whether a checked sentence says more than that there is no answer."""
    return one.statement.verdict == "supported" or not _SEEMS_REFUSAL.search(one.statement.text)


def _fitting(question: str, hits: Sequence[Hit], model: LanguageModel) -> tuple[Prompt, Sequence[Hit]]:
    """The prompt with as many passages as the context can hold. Raises LLMError when not one fits."""
    for count in range(len(hits), 0, -1):
        prompt = answer_prompt(question, hits[:count])
        if prompt.tokens + model.max_tokens <= model.context:
            return prompt, hits[:count]
    raise LLMError(
        f"not even one passage fits into {model.context} tokens beside an answer of {model.max_tokens}; "
        "raise DATELINE_LLM_CONTEXT or lower DATELINE_LLM_MAX_TOKENS"
    )


def _held_back(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces, but nothing as long as the text may still become the one form of "no answer"."""
    held = ""
    for piece in pieces:
        held += piece
        if not NOTHING.startswith(held.strip()[: len(NOTHING)]):
            yield held
            yield from pieces
            return
    if held.strip() and not held.strip().startswith(NOTHING):
        yield held


def _sentence(error: LLMError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _label(article: Article) -> str:
    """How an article is called where several are compared."""
    title = shorten(article.title, LABEL, placeholder="…") if article.title else None
    name = article.source or (f"“{title}”" if title else article.id)
    return f"{name} ({article.published.isoformat()})" if article.published else name
