"""How well sentences are checked against what they cite: `python -m eval.verify --claims F [--json]`.

Rows are {id, claim, context, label, origin}; `label` is "supported" or anything else. Rows that share a `claim_id`
are one claim with several contexts to choose from: it scores as its best one does. The threshold is the product's.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.claims import paragraphs, read_claims
from rag.answering.verification import THRESHOLD, Verifier
from rag.embeddings import MiniLMEmbedder
from rag.entailment import Entailment


@dataclass(frozen=True, slots=True)
class Outcome:
    """One claim as it came out."""

    origin: str
    supported: bool  # as the data have it
    score: float

    @property
    def passed(self) -> bool:
        return self.score >= THRESHOLD


def check(verifier: Verifier, rows: Sequence[dict[str, Any]]) -> tuple[list[Outcome], float]:
    """The outcomes, and the milliseconds that a claim took once its context had been read."""
    claims: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        claims[str(row.get("claim_id", row["id"]))].append(row)
    outcomes = []
    seconds = 0.0
    for group in claims.values():
        scores = []
        for row in group:
            contexts = paragraphs(row["context"])
            verifier.read(contexts)
            started = time.perf_counter()
            scores.append(verifier.verify(row["claim"], contexts).score)
            seconds += time.perf_counter() - started
        supported = group[0]["label"] == "supported"
        outcomes.append(Outcome(group[0].get("origin", ""), supported, max(scores)))
    return outcomes, 1000 * seconds / max(len(rows), 1)


def balanced_accuracy(outcomes: Sequence[Outcome]) -> float | None:
    """Mean of the shares of supported and of other claims that came out right; None where one kind is missing."""
    shares = []
    for kind in (True, False):
        right = [outcome.passed == kind for outcome in outcomes if outcome.supported == kind]
        if not right:
            return None
        shares.append(sum(right) / len(right))
    return round(sum(shares) / 2, 4)


def figures(outcomes: Sequence[Outcome], ms_per_claim: float) -> dict[str, Any]:
    """What is reported: precision and recall are those of "supported"."""
    passed = [outcome for outcome in outcomes if outcome.passed]
    supported = [outcome for outcome in outcomes if outcome.supported]
    right = sum(outcome.supported for outcome in passed)
    origins = sorted({outcome.origin for outcome in outcomes})
    return {
        "balanced_accuracy": balanced_accuracy(outcomes),
        "precision": round(right / len(passed), 4) if passed else None,
        "recall": round(right / len(supported), 4) if supported else None,
        "n": len(outcomes),
        "ms_per_claim": round(ms_per_claim, 2),
        "by_origin": {
            origin: balanced_accuracy([each for each in outcomes if each.origin == origin])
            for origin in origins
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.verify", description=__doc__)
    parser.add_argument("--claims", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args()
    rows = read_claims(options.claims, "claim", "context", "label")
    if not rows:
        parser.error(f"{options.claims}: no claims in it")
    found = figures(*check(Verifier(MiniLMEmbedder(), Entailment()), rows))
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        if name != "by_origin":
            print(f"{name:<24} {value}")
    for origin, value in found["by_origin"].items():
        print(f"  {origin:<22} {value}")


if __name__ == "__main__":
    main()
