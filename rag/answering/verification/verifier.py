"""Is a sentence borne out by what it cites? With no call of a language model.

A trained scorer weighs how the sentence's words lie in the evidence. Before it come a few checks whose outcome can be
said in words: a number, a name or a speaker that the evidence does not have, a word that stands for its opposite. What
passes is refused where the bundled judge of entailment holds it for unsaid, or rather said of another name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
from rag.threads import Memo, side_by_side

THRESHOLD = 0.5  # score from which a sentence counts as supported; the scorer was trained for it
FAULTY = 0.1  # most that a sentence with a fault can score
SAID = -2.5  # logit of entailment below which the evidence does not say it, all but surely
SINGLED_OUT = 0.0  # the same of a superlative: being among those with the most delays is not having the most
OFF_TOPIC = 0.4  # share of a sentence's content below which the evidence is about something else
MOSTLY = 0.8  # share of its content from which a sentence that is not supported is partly so
WIDEST = 3  # sentences a span may have
LIKELY = 3  # spans that are asked of the judge
ABREAST = 2  # of them at a time
PLAINLY = -1.0  # logit of entailment from which a span says the claim, so that no other is looked for
ELSEWHERE = Fault("the passage is about something else", contradicts=False)
_SINGLES_OUT = re.compile(rf"(?:\bthe|['’]s?) (?:\w+ )?(?:{'|'.join(sorted(SUPERLATIVES))})\b", re.IGNORECASE)
_EDGES = " \n\t.,;:!?…"
_QUOTES = str.maketrans("“”„«»‘’`´‑–—", '"""""\'\'\'\'---')


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of checking a sentence."""

    verdict: Verdict
    # 0–1: how far the evidence supports it, 1 if word for word; of what is refused, a tenth of what it has of the words
    score: float
    reason: str  # in words, without a full stop
    entailed: float | None = None  # logit that the evidence says the sentence; None: not asked, or refused


class Verifier:
    """Checks sentences against passages; remembers the passages it has read."""

    def __init__(
        self, encoder: MiniLMEmbedder, entailment: Entailment, *, scorer: Scorer | None = None
    ) -> None:
        self._words = thesaurus()
        self._scorer = scorer or Scorer.load()
        self._entailment = entailment
        self._reader = Reader(encoder, self._words)
        self._evidence = Memo(self._lay_out, kept=32)

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
        held = _held(alignments)
        faults = find_faults(alignments, background, self._words)
        if faults or held < OFF_TOPIC:
            return _refused(faults[0] if faults else ELSEWHERE, held)
        entailed = self._entailed(alignments)
        features = measure(alignments, entailed, self._words)
        logit, blame = self._scorer.logit(features.rows, features.pairs, features.whole)
        score = float(1 / (1 + np.exp(logit)))
        if score < THRESHOLD:
            worst = features.words[int(blame.argmax())]
            return Verification(
                verdict="partly" if held >= MOSTLY else "unsupported",
                score=score,
                reason=f"nothing in the passage bears out {worst!r}",
            )
        entailed = self._known_from(background, alignments, entailed)
        if unsaid := self._unsaid(alignments, entailed):
            return _refused(unsaid, held)
        nearest = alignments[0].evidence.sentences[alignments[0].nearest].text
        return Verification(
            verdict="supported",
            score=score,
            reason=f"the passage says: {nearest}",
            entailed=min(entailed),
        )

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
            or self._unsaid(alignments, self._entailed(alignments))
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

    def locate(self, claim: str, context: str, *, supported: bool = True) -> Span | None:
        """The narrowest run of one to three sentences of the context that bears the claim out best.

        Of the likeliest runs, by the claim's words, the first that is held to say it, or has all that the claim rests
        on; where none is, the likeliest. If the context does not support the claim, none is looked for that says it.
        """
        aligned = self._align(claim, [context])
        if not aligned:
            return None
        spans = [span for span in split_sentences(context) if self._reader.read(context[slice(*span)]).words]
        runs = [
            range(first, last)
            for first in range(len(spans))
            for last in range(first + 1, min(first + WIDEST, len(spans)) + 1)
        ]
        likeliest = sorted(runs, key=lambda run: -min(each.borne_out(run) for each in aligned))[:LIKELY]

        def span(run: range) -> Span:
            return spans[run[0]][0], spans[run[-1]][1]

        def is_plain(run: range) -> bool:
            return all(set(each.chosen) <= set(run) for each in aligned) or is_quote(
                claim, context[slice(*span(run))]
            )

        plain = next(filter(is_plain, likeliest), None)
        before = likeliest[: likeliest.index(plain)] if plain else likeliest
        asked = [span(run) for run in before] if supported else []
        for first in range(0, len(asked), ABREAST):
            some = asked[first : first + ABREAST]
            logits = self._entailment.logits([claim] * len(some), [context[slice(*each)] for each in some])
            for each, logit in zip(some, logits, strict=True):
                if logit >= max(PLAINLY, _least(claim)):
                    return each
        return span(plain or likeliest[0])

    def _entailed(self, alignments: Sequence[Alignment]) -> list[float]:
        claims, supports = zip(*((each.claim.text, each.support) for each in alignments), strict=True)
        return self._entailment.logits(claims, supports)

    def _known_from(
        self, background: Sequence[str], alignments: Sequence[Alignment], entailed: Sequence[float]
    ) -> list[float]:
        """The logits, of what the evidence does not say anew with the background: the headline may tell who "he" is."""
        return [
            max(logit, self._entailment.logit(each.claim.text, ". ".join((*background, each.support))))
            if background and logit < _least(each.claim.text)
            else logit
            for each, logit in zip(alignments, entailed, strict=True)
        ]

    def _unsaid(self, alignments: Sequence[Alignment], entailed: Sequence[float]) -> Fault | None:
        """What is wrong with a claim that has the evidence's words, to say something else with them."""
        for alignment, logit in zip(alignments, entailed, strict=True):
            claim = alignment.claim.text
            rather = rather_said(claim, alignment.support, logit, self._entailment.logits)
            if rather:
                return Fault(f"the passage seems to say rather: {rather}", contradicts=True)
            if logit < _least(claim):
                return Fault("the passage has the words, but does not say this", contradicts=False)
        return None

    def _align(self, claim: str, contexts: Sequence[str]) -> list[Alignment]:
        evidence = self._evidence(tuple(contexts))
        claims = [self._reader.read(claim[start:end]) for start, end in split_sentences(claim)]
        return [Alignment(each, evidence) for each in claims if each.words and evidence.sentences]

    def _lay_out(self, contexts: tuple[str, ...]) -> Evidence:
        sentences = [text[start:end] for text in contexts for start, end in split_sentences(text)]
        evidence = Evidence(side_by_side(self._reader.read, sentences))
        _ = evidence.heard  # found now, not while a reader waits for the first sentence that cites it
        return evidence


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


def _refused(fault: Fault, held: float) -> Verification:
    """The verdict on a sentence with a fault; of two passages, the one that has more of it speaks of it."""
    partly = not fault.contradicts and held >= MOSTLY
    verdict: Verdict = "contradicted" if fault.contradicts else "partly" if partly else "unsupported"
    return Verification(verdict=verdict, score=FAULTY * held, reason=fault.reason)
