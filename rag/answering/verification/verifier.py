"""Is a sentence borne out by what it cites? With no call of a language model.

A trained scorer weighs how the sentence's words lie in the evidence. Before it come a few checks whose outcome can be
said in words: a number, a name or a speaker that the evidence does not have, a word that stands for its opposite. What
passes is refused where the bundled judge of entailment holds it for unsaid, or rather said of another name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rag.answering.cues import SUPERLATIVES
from rag.answering.verification.alignment import Alignment, Evidence
from rag.answering.verification.faults import Fault, find_faults
from rag.answering.verification.features import Features, measure
from rag.answering.verification.mixups import rather_said
from rag.answering.verification.reading import Reader
from rag.answering.verification.scorer import Scorer
from rag.answering.verification.thesaurus import thesaurus
from rag.answering.verification.weekdays import as_weekdays
from rag.domain import Verdict
from rag.embeddings import MiniLMEmbedder
from rag.entailment import Entailment
from rag.sentences import Span, split_sentences

THRESHOLD = 0.5  # score from which a sentence counts as supported; the scorer was trained for it
FAULTY = 0.1  # most that a sentence with a fault can score
SAID = -2.5  # logit of entailment below which the evidence does not say it, all but surely
SINGLED_OUT = 0.0  # the same of a superlative: being among those with the most delays is not having the most
OFF_TOPIC = 0.4  # share of a sentence's content below which the evidence is about something else
MOSTLY = 0.8  # share of its content from which a sentence that is not supported is partly so
WIDEST = 3  # sentences a span may have
WORTH = 0.08  # share of the sentence's content that a neighbouring sentence must add to widen the span
_SINGLES_OUT = re.compile(rf"(?:\bthe|['’]s?) (?:\w+ )?(?:{'|'.join(sorted(SUPERLATIVES))})\b", re.IGNORECASE)
_EDGES = " \n\t.,;:!?…"
_QUOTES = str.maketrans("“”„«»‘’`´‑–—", '"""""\'\'\'\'---')


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of checking a sentence."""

    verdict: Verdict
    score: float  # 0–1: how far the evidence supports it
    reason: str  # in words, without a full stop


class Verifier:
    """Checks sentences against passages; remembers the passages it has read."""

    def __init__(
        self, encoder: MiniLMEmbedder, entailment: Entailment, *, scorer: Scorer | None = None
    ) -> None:
        self._words = thesaurus()
        self._scorer = scorer or Scorer.load()
        self._logit = lru_cache(maxsize=1024)(entailment.logit)
        self._reader = Reader(encoder, self._words)
        self._evidence = lru_cache(maxsize=32)(self._lay_out)

    def verify(self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()) -> Verification:
        """Check a claim of one or a few sentences against the texts it cites, taken together.

        `background` may name things without being evidence: the article's title, its source, and the day it was
        published as an ISO date, with which "18 January 2019" is known for the "Friday" of the article.
        """
        if any(is_quote(claim, context) for context in contexts):
            return Verification(verdict="supported", score=1.0, reason="the passage says so word for word")
        evidence = self._evidence(tuple(contexts))
        alignments = self._align(as_weekdays(claim, evidence.lower, background), contexts)
        if not alignments:
            empty = "there is nothing to check" if not claim.strip() else "nothing is cited"
            return Verification(verdict="unsupported", score=0.0, reason=empty)
        entailed = self._entailed(alignments)
        features = measure(alignments, entailed, self._words)
        logit, blame = self._scorer.logit(features.rows, features.pairs, features.whole)
        score = float(1 / (1 + np.exp(logit)))
        held = _held(alignments)
        faults = find_faults(alignments, background, self._words)
        if not faults and held >= OFF_TOPIC and score >= THRESHOLD:
            faults = self._unsaid(alignments, entailed, background)
        return _judge(score, faults, held, _worst_word(features, blame), alignments)

    def read(self, contexts: Sequence[str]) -> None:
        """Read passages ahead of the claims on them, which is most of the work."""
        self._evidence(tuple(contexts))

    def measure(self, claim: str, contexts: Sequence[str]) -> Features:
        """What the scorer weighs; for training it. The claim and the contexts must have words."""
        alignments = self._align(claim, contexts)
        return measure(alignments, self._entailed(alignments), self._words)

    def refuses(self, claim: str, contexts: Sequence[str]) -> bool:
        """Whether the checks beside the scorer refuse a claim that is no quote; to measure it with them."""
        alignments = self._align(claim, contexts)
        return bool(
            _held(alignments) < OFF_TOPIC
            or find_faults(alignments, (), self._words)
            or self._unsaid(alignments, self._entailed(alignments), ())
        )

    def rank(self, claim: str, sentences: Sequence[str]) -> list[int]:
        """The places of the sentences, best support first; sentences without words are left out."""
        read = [self._reader.read(sentence) for sentence in sentences]
        worded = [place for place, sentence in enumerate(read) if sentence.words]
        claimed = self._reader.read(claim)
        if not worded or not claimed.words:
            return []
        closeness = Alignment(claimed, Evidence(read)).closeness
        return [worded[place] for place in np.argsort(-closeness, kind="stable")]

    def locate(self, claim: str, context: str) -> Span | None:
        """The narrowest run of one to three sentences of the context that bears the claim out best.

        Where that does not say the claim, the run that is held to say it most surely.
        """
        spans = split_sentences(context)
        ranked = self.rank(claim, [context[start:end] for start, end in spans])
        if not ranked:
            return None
        found = self._widened(claim, context, spans, ranked[0])
        text = context[slice(*found)]
        if is_quote(claim, text) or self._logit(claim, text) >= _least(claim):
            return found
        runs = [
            (spans[first][0], spans[last][1])
            for first in range(len(spans))
            for last in range(first, min(first + WIDEST, len(spans)))
            if any(first <= place <= last for place in ranked[:WIDEST])
        ]
        logit, said = max((self._logit(claim, context[slice(*run)]), run) for run in runs)
        return said if logit >= _least(claim) else found

    def _widened(self, claim: str, context: str, spans: Sequence[Span], best: int) -> Span:
        """The sentence with the neighbours that add to what it has of the claim."""
        first = last = best
        while last - first + 1 < WIDEST:
            held = self._held(claim, context[spans[first][0] : spans[last][1]])
            wider = [
                (self._held(claim, context[spans[low][0] : spans[high][1]]) - held, low, high)
                for low, high in ((first - 1, last), (first, last + 1))
                if low >= 0 and high < len(spans)
            ]
            if not wider or max(wider)[0] < WORTH:
                break
            _, first, last = max(wider)
        return spans[first][0], spans[last][1]

    def _entailed(self, alignments: Sequence[Alignment]) -> list[float]:
        return [self._logit(each.claim.text, each.support) for each in alignments]

    def _unsaid(
        self, alignments: Sequence[Alignment], entailed: Sequence[float], background: Sequence[str]
    ) -> list[Fault]:
        """What is wrong with a claim that has the evidence's words, to say something else with them."""
        for alignment, judged in zip(alignments, entailed, strict=True):
            claim, logit = alignment.claim.text, judged
            if logit < _least(claim) and background:  # the headline may tell who "he" is
                logit = max(logit, self._logit(claim, ". ".join((*background, alignment.support))))
            rather = rather_said(claim, alignment.support, logit, self._logit)
            if rather:
                return [Fault(f"the passage seems to say rather: {rather}", contradicts=True)]
            if logit < _least(claim):
                return [Fault("the passage has the words, but does not say this", contradicts=False)]
        return []

    def _held(self, claim: str, context: str) -> float:
        return _held(self._align(claim, [context]))

    def _align(self, claim: str, contexts: Sequence[str]) -> list[Alignment]:
        evidence = self._evidence(tuple(contexts))
        claims = [self._reader.read(claim[start:end]) for start, end in split_sentences(claim)]
        return [Alignment(each, evidence) for each in claims if each.words and evidence.sentences]

    def _lay_out(self, contexts: tuple[str, ...]) -> Evidence:
        return Evidence(
            [self._reader.read(text[start:end]) for text in contexts for start, end in split_sentences(text)]
        )


def _least(claim: str) -> float:
    """Logit of entailment from which the evidence can be said to say the claim."""
    return SINGLED_OUT if _SINGLES_OUT.search(claim) else SAID


def is_quote(claim: str, context: str) -> bool:
    """Whether the claim stands in the context word for word; quote marks, dashes and blanks may differ."""
    wanted = _plain(claim).strip(_EDGES)
    if not wanted:
        return False
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", _plain(context)) is not None


def _plain(text: str) -> str:
    return " ".join(text.translate(_QUOTES).split())


def _held(alignments: Sequence[Alignment]) -> float:
    """Share of a claim's content that the evidence has, in its least supported sentence; 0 without a sentence."""
    return min((float(each.weights @ each.held) for each in alignments), default=0.0)


def _worst_word(features: Features, blame: np.ndarray) -> str:
    return features.words[int(blame.argmax())]


def _judge(
    score: float, faults: list[Fault], held: float, worst: str, alignments: Sequence[Alignment]
) -> Verification:
    if faults:
        fault = faults[0]
        partly = not fault.contradicts and held >= MOSTLY
        verdict: Verdict = "contradicted" if fault.contradicts else "partly" if partly else "unsupported"
        return Verification(verdict=verdict, score=min(score, FAULTY), reason=fault.reason)
    if held < OFF_TOPIC:
        return Verification(
            verdict="unsupported", score=min(score, held), reason="the passage is about something else"
        )
    if score >= THRESHOLD:
        nearest = alignments[0].evidence.sentences[alignments[0].nearest].text
        return Verification(verdict="supported", score=score, reason=f"the passage says: {nearest}")
    return Verification(
        verdict="partly" if held >= MOSTLY else "unsupported",
        score=score,
        reason=f"nothing in the passage bears out {worst!r}",
    )
