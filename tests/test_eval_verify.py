"""The benchmarks of verification: what they count, on claims small enough to count by hand."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval import localise, verify
from eval.claims import paragraphs, read_claims
from eval.verify import Outcome
from rag.answering.verification import Verifier
from rag.embeddings import MiniLMEmbedder
from rag.entailment import Entailment
from rag.errors import UsageError

CONTEXT = "Oil prices rose sharply on Monday.\nGold was unchanged, traders said."
CLAIMS: Sequence[dict[str, Any]] = (
    {
        "id": "1",
        "claim": "Gold was unchanged, traders said.",
        "context": CONTEXT,
        "label": "supported",
        "origin": "a",
    },
    {
        "id": "2",
        "claim": "Oil prices fell sharply on Monday.",
        "context": CONTEXT,
        "label": "contradicted",
        "origin": "a",
    },
    {
        "id": "3",
        "claim": "France won the World Cup.",
        "context": CONTEXT,
        "label": "unsupported",
        "origin": "b",
    },
)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(MiniLMEmbedder(), Entailment())


def test_claims_are_checked_against_their_contexts(verifier: Verifier) -> None:
    outcomes, spent = verify.check(verifier, CLAIMS)

    assert [(each.origin, each.supported, each.passed) for each in outcomes] == [
        ("a", True, True),
        ("a", False, False),
        ("b", False, False),
    ]
    assert spent > 0


def test_a_claim_with_several_contexts_scores_as_its_best(verifier: Verifier) -> None:
    rows = [{**CLAIMS[0], "claim_id": "x", "context": "It rained."}, {**CLAIMS[0], "claim_id": "x"}]

    [outcome], _ = verify.check(verifier, rows)

    assert outcome.passed


def test_balanced_accuracy_weighs_both_kinds_alike() -> None:
    outcomes = [Outcome("a", supported=True, score=0.9), *[Outcome("a", supported=False, score=0.9)] * 3]
    outcomes.append(Outcome("a", supported=False, score=0.1))

    found = verify.figures(outcomes, 1.234)

    assert found == {
        "balanced_accuracy": 0.625,  # 1 of 1 supported, 1 of 4 others
        "precision": 0.25,
        "recall": 1.0,
        "n": 5,
        "ms_per_claim": 1.23,
        "by_origin": {"a": 0.625},
    }


def test_one_kind_alone_has_no_balanced_accuracy() -> None:
    found = verify.figures([Outcome("a", supported=False, score=0.1)], 1.0)

    assert found["balanced_accuracy"] is found["precision"] is found["recall"] is None


def test_localisation_counts_gold_sentences_among_the_first(verifier: Verifier) -> None:
    row = {
        "id": "1",
        "claim": "Gold was unchanged and oil prices rose sharply.",
        "label": "supported",
        "sentences": ["It rained.", *CONTEXT.split("\n"), "Trams ran as usual.", "Nobody was hurt."],
        "gold_sentence_indices": [[1, 2], [1, 4]],
    }

    found = localise.measure(
        verifier, [row, {**row, "label": "unsupported"}, {**row, "gold_sentence_indices": []}]
    )

    assert found["n"] == 1
    assert found["hit@3"] == found["whole@3"] == 1
    assert found["whole@1"] == 0
    assert (found["span"], found["span_sentences"], found["n_spans"]) == (1, 2, 1)


def test_a_gold_set_wider_than_a_passage_has_no_span(verifier: Verifier) -> None:
    row = {
        "claim": "Oil prices rose sharply.",
        "label": "supported",
        "sentences": ["Oil prices rose sharply.", *["It rained."] * 20, "Gold was unchanged."],
        "gold_sentence_indices": [[0, 21]],
    }

    assert localise.measure(verifier, [row])["n_spans"] == 0


def test_lines_are_paragraphs() -> None:
    assert paragraphs("One.\n\n  \nTwo.") == ["One.", "Two."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"claim": "x"}\n', "row 1: no 'label'"),
        ('{"claim": "x", "label": "supported"}\nnot json', "row 2: not JSON"),
        ("[1]", "row 1: no 'claim'"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "claims.jsonl"
    file.write_text(text, "utf-8")

    with pytest.raises(UsageError, match=message):
        read_claims(file, "claim", "label")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_claims(tmp_path / "none.jsonl", "claim")


def test_the_command_prints_one_json_document(tmp_path: Path) -> None:
    file = tmp_path / "claims.jsonl"
    file.write_text("".join(json.dumps(claim) + "\n" for claim in CLAIMS), "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "eval.verify", "--claims", str(file), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )

    found = json.loads(done.stdout)
    assert found["n"] == 3
    assert found["balanced_accuracy"] == 1.0
    assert found["by_origin"] == {"a": 1.0, "b": None}
