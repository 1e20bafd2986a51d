"""What checking adds to a written answer of five sentences: `python -m eval.overhead --claims F [--json]`.

Rows are those of `eval.verify`. Of each context with enough claims an article is made, of the claims an answer whose
sentences cite the passages they are nearest to. A model is played that writes it at the speed of a fast endpoint, one
passage after another never read before. `added_ms`: how much later the answer is there than with a check that lets
everything pass. `work_ms`: what the checks take when the passages have been read and all sentences are there at once.
"""

import argparse
import hashlib
import json
import math
import statistics
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from eval.claims import read_claims
from rag import Article, Hit, Settings, Statement
from rag.answering.generative import GenerativeAnswerer
from rag.answering.verification import Verification, Verifier
from rag.chunking import split_passages
from rag.embeddings import MiniLMEmbedder
from rag.entailment import Entailment
from rag.llm import Completion, LanguageModel
from rag.sentences import Span, split_sentences

SENTENCES = 5
WORDS_PER_SECOND = 75  # of the model played: about 100 tokens
ANSWERS = 50  # of those that can be made of the claims
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Written:
    """An answer and the passages it cites."""

    text: str
    hits: tuple[Hit, ...]


class Playing:
    """A model that writes what it is given."""

    name, context, max_tokens = "played", 100_000, 1_000

    def __init__(self, text: str, *, words_per_second: float) -> None:
        self._text = text
        self._pace = 1 / words_per_second

    def stream(self, *_: object, **__: object) -> Iterator[str | Completion]:
        """The words, each when a model would have it ready, however late it is asked for them."""
        began = time.perf_counter()
        for number, word in enumerate(self._text.split(" "), start=1):
            time.sleep(max(0.0, began + number * self._pace - time.perf_counter()))
            yield f"{word} "
        yield Completion(text=self._text, cut=False)


class Lenient:
    """Lets everything pass."""

    def read(self, contexts: Sequence[str]) -> None:
        """Nothing."""

    def verify(self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()) -> Verification:
        """Supported."""
        return Verification(verdict="supported", score=1.0, reason="")

    def locate(self, claim: str, context: str, *, supported: bool = True) -> Span | None:
        """All of it."""
        return 0, len(context)

    def rank(self, claim: str, sentences: Sequence[str]) -> list[int]:
        """As they stand."""
        return list(range(len(sentences)))


class Relevant:
    """Takes everything for an answer."""

    def answers(self, question: str, statement: Statement, hit: Hit) -> bool:
        """Yes."""
        return True

    def surely_answers(self, question: str, quote: Statement, hit: Hit) -> bool:
        """Yes."""
        return True


def written(rows: Sequence[dict[str, Any]]) -> list[Written]:
    """An answer for each context with enough different sentences of claims."""
    claims: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        spans = split_sentences(row["claim"])
        claims[row["context"]].update({row["claim"][start:end]: None for start, end in spans})
    settings = Settings.load()
    found = []
    for context, sentences in claims.items():
        if len(sentences) < SENTENCES:
            continue
        digest = hashlib.sha256(context.encode()).hexdigest()
        article = Article(id=digest[:12], text=context, sha256=digest)
        passages = split_passages(article, words=settings.passage_words, overlap=settings.passage_overlap)
        hits = tuple(Hit(passage=passage, article=article, score=1.0) for passage in passages)
        chosen = list(sentences)[:SENTENCES]
        found.append(Written(" ".join(f"{each} [{_nearest(each, hits) + 1}]" for each in chosen), hits))
    return found


def answered(answer: Written, verifier: Verifier | Lenient, *, words_per_second: float) -> float:
    """Milliseconds that the answer takes, the model's writing included."""
    answerer = GenerativeAnswerer(
        cast("LanguageModel", Playing(answer.text, words_per_second=words_per_second)),
        verifier=verifier,
        relevance=Relevant(),
        fallback=cast("Any", None),
        strategy="single",
        check_with_model=False,
        unsupported="show",
        seconds=600,
    )
    began = time.perf_counter()
    deque(answerer.answer("What happened?", answer.hits), maxlen=0)
    return 1000 * (time.perf_counter() - began)


def added(answer: Written, verifier: Verifier | Lenient, *, words_per_second: float) -> float:
    """How much longer the answer takes with this check than with one that lets everything pass."""
    unchecked = answered(answer, Lenient(), words_per_second=words_per_second)
    return answered(answer, verifier, words_per_second=words_per_second) - unchecked


def measure(answers: Sequence[Written]) -> dict[str, float]:
    """Each answer checked as it is written, its passages new to the verifier; and all at once when they are not."""
    encoder = MiniLMEmbedder()
    judge, another = Entailment(), Entailment()  # opened once, as by a server; each remembers what it judged
    waited, work = [], []
    for answer in answers:
        waited.append(added(answer, Verifier(encoder, judge), words_per_second=WORDS_PER_SECOND))
        ready = Verifier(encoder, another)
        for hit in answer.hits:
            ready.read([hit.passage.text])
        work.append(added(answer, ready, words_per_second=math.inf))
    return {
        "added_ms": round(statistics.median(waited), 1),
        "added_ms_p90": round(statistics.quantiles(waited, n=10)[-1], 1),
        "work_ms": round(statistics.median(work), 1),
        "n": len(answers),
    }


def _nearest(sentence: str, hits: Sequence[Hit]) -> int:
    words = set(sentence.casefold().split())
    return max(
        range(len(hits)),
        key=lambda place: len(words.intersection(hits[place].passage.text.casefold().split())),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.overhead", description=__doc__)
    parser.add_argument("--claims", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args()
    answers = written(read_claims(options.claims, "claim", "context"))[:ANSWERS]
    if len(answers) < FEWEST:
        parser.error(
            f"{options.claims}: {len(answers)} contexts with {SENTENCES} sentences of claims; {FEWEST} are needed"
        )
    found = measure(answers)
    print(
        json.dumps(found)
        if options.json
        else "\n".join(f"{name:<14} {value:g}" for name, value in found.items())
    )


if __name__ == "__main__":
    main()
