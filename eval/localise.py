"""How often the sentence that bears a claim out is found: `python -m eval.localise --claims F [--json]`.

Rows are {id, claim, label, sentences, gold_sentence_indices}; each gold set of sentences suffices by itself. Over the
supported claims: whether a sentence of a gold set is among the first 1, 3 and 5 chosen, and whether a whole set is
(`hit@`, `whole@`). Of ten sentences around the earliest gold sentence, like a passage, where a whole set lies within:
whether the span that would be cited of them holds it (`span`), and how many sentences that has.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from eval.claims import read_claims
from rag.answering.verification import Verifier
from rag.embeddings import MiniLMEmbedder
from rag.entailment import Entailment

DEPTHS = (1, 3, 5)
BEFORE, PASSAGE = 4, 10  # sentences before the first of a set, and in all, that are taken for a passage


def measure(verifier: Verifier, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Shares of the supported claims with gold sentences, and the milliseconds a page takes, reading it included."""
    hits = dict.fromkeys(DEPTHS, 0)
    whole = dict.fromkeys(DEPTHS, 0)
    judged = [row for row in rows if row["label"] == "supported" and any(row["gold_sentence_indices"])]
    started = time.perf_counter()
    for row in judged:
        ranked = verifier.rank(row["claim"], row["sentences"])
        for depth in DEPTHS:
            top = set(ranked[:depth])
            hits[depth] += any(top.intersection(gold) for gold in row["gold_sentence_indices"])
            whole[depth] += any(gold and top.issuperset(gold) for gold in row["gold_sentence_indices"])
    spent = 1000 * (time.perf_counter() - started)
    spans = [span for row in judged for span in cited(verifier, row)]
    count = max(len(judged), 1)
    return {
        **{f"hit@{depth}": round(hits[depth] / count, 4) for depth in DEPTHS},
        **{f"whole@{depth}": round(whole[depth] / count, 4) for depth in DEPTHS},
        "span": round(statistics.mean(held for held, _ in spans), 4) if spans else 0.0,
        "span_sentences": round(statistics.mean(length for _, length in spans), 2) if spans else 0.0,
        "n_spans": len(spans),
        "n": len(judged),
        "ms_per_page": round(spent / count, 1),
    }


def cited(verifier: Verifier, row: dict[str, Any]) -> Iterator[tuple[bool, int]]:
    """Whether the span to cite holds a whole gold set, and its sentences; nothing where no set fits into a passage."""
    sets = [set(gold) for gold in row["gold_sentence_indices"] if gold]
    first = max(0, min(map(min, sets)) - BEFORE)
    within = [gold for gold in sets if max(gold) < first + PASSAGE]
    sentences = row["sentences"][first : first + PASSAGE]
    span = verifier.locate(row["claim"], " ".join(sentences)) if within else None
    if span is None:
        return
    ends = list(accumulate(len(sentence) + 1 for sentence in sentences))
    held = {
        first + place
        for place, (sentence, end) in enumerate(zip(sentences, ends, strict=True))
        if end - len(sentence) - 1 < span[1] and span[0] < end - 1
    }
    yield any(gold <= held for gold in within), len(held)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.localise", description=__doc__)
    parser.add_argument("--claims", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args()
    rows = read_claims(options.claims, "claim", "label", "sentences", "gold_sentence_indices")
    found = measure(Verifier(MiniLMEmbedder(), Entailment()), rows)
    if options.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:<12} {value:g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
