"""A drafted sentence → a statement: its citation is checked, another passage is tried, or it is marked."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import Protocol

from rag.answering.citations import DraftSentence, cite
from rag.answering.verification.verifier import Verification, is_quote
from rag.domain import Article, Citation, Hit, Statement, Verdict
from rag.errors import DatelineError
from rag.language import STOPWORDS, same_word, tokens
from rag.prompts import Prompt, claim_prompt
from rag.sentences import Span, split_sentences
from rag.threads import THREADS, Line, side_by_side

FEWEST_WORDS = 4  # of a sentence that says something by itself; a shorter one is read with the question
# Probability of Yes from which a model's check counts as supported, and as partly.
SURE, DOUBTFUL = 0.6, 0.45
# Logit of entailment from which what a small model wrote counts as said. Of 38 sentences of Qwen2.5-Coder-1.5B on
# articles of RealTimeQA and CNN that the rules let pass and that are no quotes, 15 of the 24 right ones have this and
# are confirmed with .6, and none of the 10 wrong ones; confirmed with .8, whatever the logit, are 15 and two.
PLAIN = 1.0


class Verifies(Protocol):
    """Decides whether texts support a claim, and where in a text the support stands."""

    def read(self, contexts: Sequence[str]) -> None:
        """Read texts ahead of the claims on them, which is most of the work."""

    def verify(self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()) -> Verification:
        """Check a claim against the texts taken together; `background` names things and is no evidence."""

    def locate(self, claim: str, context: str, *, supported: bool = True) -> Span | None:
        """The narrowest run of sentences that supports the claim, or is nearest to one that is not supported."""

    def rank(self, claim: str, sentences: Sequence[str]) -> list[int]:
        """The places of the sentences, the one nearest to the claim first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A statement with the passages that it rests on."""

    statement: Statement
    hits: tuple[Hit, ...]  # as cited; those that the draft named, when none supports it
    label: str = ""  # of the article, where several are compared

    def overlaps(self, other: "Checked") -> bool:
        """Whether both cite some of the same characters."""
        return any(
            one.article_id == another.article_id and one.start < another.end and another.start < one.end
            for one in self.statement.citations
            for another in other.statement.citations
        )

    @property
    def shown(self) -> Statement:
        """The statement with the label before it."""
        return (
            replace(self.statement, text=f"{self.label}: {self.statement.text}")
            if self.label
            else self.statement
        )


class Checker:
    """Checks drafted sentences against passages."""

    def __init__(
        self, verifier: Verifies, *, others: int, literal: bool = False, threads: int = THREADS
    ) -> None:
        """`others`: how many more passages are tried for a sentence that those it cites do not support.

        `literal`: what has a word that its citation has not is supported partly; of a small model it is too often a new
        claim. `threads`: how many sentences are checked at once, and how many passages tried for each, at most.
        """
        self._verifier = verifier
        self._others = others
        self._threads = threads
        self._literal = literal

    @contextmanager
    def reading(self, passages: Sequence[Hit]) -> Iterator[None]:
        """Meanwhile read the passages, on a thread of its own, ahead of the sentences that cite them."""
        enough = Event()

        def read() -> None:
            with suppress(DatelineError):  # whoever checks a sentence meets it again
                for hit in passages:
                    if enough.is_set():
                        return
                    self._verifier.read([hit.passage.text])

        # Not a daemon: the process would be aborted if it ended while a model runs.
        Thread(target=read, name="dateline-read-ahead").start()
        try:
            yield
        finally:
            enough.set()

    def line(self, given: Sequence[Hit], *, question: str) -> Line[DraftSentence, Checked]:
        """For sentences that are checked while more are written; see `check`."""
        return Line(
            lambda sentence: self.check(sentence, given, question=question),
            name="dateline-check",
            threads=self._threads,
        )

    def check(self, sentence: DraftSentence, given: Sequence[Hit], *, question: str) -> Checked:
        """Check a sentence; its marks are places in `given`, from 1."""
        claim = _claim(sentence.text, question)
        cited = [given[mark - 1] for mark in sentence.marks]
        tried = [(hit, self._try(sentence.text, claim, [hit])) for hit in cited]
        backing = _supported(tried)
        if not backing and len(cited) > 1:
            together = self._try(sentence.text, claim, cited)
            backing = _supported([(hit, together) for hit in cited])
        if not backing:
            others = [hit for hit in given if hit not in cited][: self._others]
            if _is_spoken_against(tried):  # nothing but a quote will do
                others = [hit for hit in others if is_quote(claim, hit.passage.text)]
            results = side_by_side(
                lambda hit: self._try(sentence.text, claim, [hit]), others, threads=self._threads
            )
            elsewhere = list(zip(others, results, strict=True))
            backing = _repaired([*tried, *elsewhere])
            against = [(hit, result) for hit, result in elsewhere if result.verdict == "contradicted"]
            tried = tried or against or elsewhere
        return self._state(sentence.text, claim, backing or _best(tried))

    def supports(self, text: str, hit: Hit, *, question: str) -> Citation | None:
        """What to cite of this passage for a sentence; None: it does not support the sentence."""
        claim = _claim(text, question)
        return self._cite(claim, hit) if self._verify(claim, [hit]).verdict == "supported" else None

    def quotes(self, one: Checked, *, question: str) -> Iterator[Checked]:
        """The passage's own words for what it does not quite say: the nearest sentence, then the likeliest run."""
        claim = _claim(one.statement.text, question)
        for hit in one.hits[:1]:
            text = hit.passage.text
            sentences = split_sentences(text)
            ranked = self._verifier.rank(claim, [text[start:end] for start, end in sentences])
            nearest = [sentences[place] for place in ranked[:1]]
            yield from (_quotation(hit, span) for span in nearest)
            located = self._verifier.locate(claim, text)
            if located and located not in nearest:
                yield _quotation(hit, located)

    def _try(self, text: str, claim: str, hits: Sequence[Hit]) -> Verification:
        """What comes of the claim that a sentence makes, and of its words."""
        found = self._verify(claim, hits)
        if not self._literal or found.verdict != "supported" or found.score == 1.0:
            return found
        cited = [self._cite(claim, hit).quote for hit in hits]
        added = _added(text, (*cited, *(item for hit in hits for item in _background(hit.article))))
        return replace(found, verdict="partly", reason=f"what it cites has no {added!r}") if added else found

    def _state(self, text: str, claim: str, found: Sequence[tuple[Hit, Verification]]) -> Checked:
        if not found:
            verdict = Verification(
                verdict="unsupported", score=0.0, reason="there is no passage to check it against"
            )
            citations: tuple[Citation, ...] = ()
        else:
            verdict = max((result for _, result in found), key=lambda result: result.score)
            # What is not supported cites nothing: a reader takes a citation for a proof.
            shown = found if verdict.verdict != "unsupported" else ()
            supported = verdict.verdict == "supported"
            citations = tuple(dict.fromkeys(self._cite(claim, hit, supported=supported) for hit, _ in shown))
        statement = Statement(
            text=text,
            citations=citations,
            verdict=verdict.verdict,
            score=verdict.score,
            reason=verdict.reason,
        )
        return Checked(statement=statement, hits=tuple(hit for hit, _ in found))

    def _cite(self, claim: str, hit: Hit, *, supported: bool = True) -> Citation:
        text = hit.passage.text
        return cite(hit, self._verifier.locate(claim, text, supported=supported) or (0, len(text)))

    def _verify(self, claim: str, hits: Sequence[Hit]) -> Verification:
        return self._verifier.verify(
            claim,
            [hit.passage.text for hit in hits],
            background=[item for hit in hits for item in _background(hit.article)],
        )


class ModelVerifier:
    """A language model's word for it: how likely it answers Yes, given the span that is cited and nothing else.

    The span and not the passage: given the passage, Qwen2.5-Coder-1.5B took more of what it had made up as said.
    """

    def __init__(self, rules: Verifies, chance: Callable[[Prompt], float]) -> None:
        """`rules` find the span; `chance` asks the model for Yes or No and raises LLMError."""
        self._chance = chance
        self._locate = rules.locate
        self.read, self.rank = rules.read, rules.rank

    def verify(self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()) -> Verification:
        """Check a claim against the texts. Raises LLMError."""
        del background  # the model is given what is cited, and nothing that could pass for it
        spans = [self._locate(claim, context) or (0, len(context)) for context in contexts]
        texts = [context[start:end] for context, (start, end) in zip(contexts, spans, strict=True)]
        score = self._chance(claim_prompt(claim, texts))
        verdict: Verdict = "supported" if score >= SURE else "partly" if score >= DOUBTFUL else "unsupported"
        return Verification(
            verdict=verdict, score=score, reason=f"the language model takes it as said with {score:.0%}"
        )

    def locate(self, claim: str, context: str, *, supported: bool = True) -> Span | None:
        """What the model was asked about, whatever it said."""
        del supported
        return self._locate(claim, context)


class AskedBack:
    """Rules first; what they let pass must be plainly entailed and confirmed by its writer, unless it is a quote."""

    def __init__(self, rules: Verifies, model: ModelVerifier) -> None:
        self._rules = rules
        self._model = model
        self.read, self.locate, self.rank = model.read, model.locate, model.rank

    def verify(self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()) -> Verification:
        """Check a claim against the texts. Raises LLMError."""
        found = self._rules.verify(claim, contexts, background=background)
        if found.verdict != "supported" or found.score == 1.0:
            return found
        if found.entailed is not None and found.entailed < PLAIN:
            return replace(found, verdict="partly", reason="the passage does not say quite this")
        asked = self._model.verify(claim, contexts)
        return found if asked.verdict == "supported" else asked


def _quotation(hit: Hit, span: Span) -> Checked:
    citation = cite(hit, span)
    words = " ".join(citation.quote.split())
    statement = Statement(text=words, citations=(citation,), verdict="supported", score=1.0)
    return Checked(statement=statement, hits=(hit,))


def _added(sentence: str, texts: Sequence[str]) -> str | None:
    """A word, no function word, that stands in none of the texts in any form; "20" is another one than "twenty"."""
    there = [word for text in texts for word in tokens(text)]
    for word in tokens(sentence):
        if word.text.lower() not in STOPWORDS and not any(same_word(word, other) for other in there):
            return word.text
    return None


def _claim(text: str, question: str) -> str:
    """What a sentence claims: a word or two are in nearly every passage, and say something with the question only."""
    return f"{question} {text}" if len(text.split()) < FEWEST_WORDS else text


def _supported(tried: Sequence[tuple[Hit, Verification]]) -> list[tuple[Hit, Verification]]:
    return [(hit, result) for hit, result in tried if result.verdict == "supported"]


def _repaired(tried: Sequence[tuple[Hit, Verification]]) -> list[tuple[Hit, Verification]]:
    """The passage to cite instead of those that do not support a sentence.

    None when some passage speaks against it, short of a quote: a sentence that gives the ministry's words to the US
    finds a passage that names both, and does not say who spoke.
    """
    best = _best(_supported(tried))
    against = _is_spoken_against(tried)
    return [(hit, result) for hit, result in best if result.score == 1.0 or not against]


def _is_spoken_against(tried: Sequence[tuple[Hit, Verification]]) -> bool:
    return any(result.verdict == "contradicted" for _, result in tried)


def _best(tried: Sequence[tuple[Hit, Verification]]) -> list[tuple[Hit, Verification]]:
    return [max(tried, key=lambda found: found[1].score)] if tried else []


def _background(article: Article) -> list[str]:
    """What names the article: a sentence may call things by it."""
    published = (
        f"{article.published:%A} {article.published.day} {article.published:%B %Y}"
        if article.published
        else None
    )
    return [item for item in (article.title, article.source, article.dateline, published) if item]
