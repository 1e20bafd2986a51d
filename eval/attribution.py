"""How well it is read who says so: `python -m eval.attribution --articles F --attributions F [--json]`.

Each annotated attribution with a source is a pair: the sentence its cue stands in, and the head word of its source
("sources" of "local sources in Homs"). Each source that Dateline reads in a sentence of these articles is one too.

f1, precision, recall   over these pairs; a sentence's pairs count once
n                       annotated pairs
"""

import argparse
import json
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.claims import read_claims
from rag.answering.voices import head_of, voices
from rag.errors import UsageError
from rag.sentences import split_sentences

Pair = tuple[str, int, str]  # article, start of the sentence, head word


def annotated(rows: Sequence[dict[str, Any]], texts: dict[str, str]) -> Iterator[Pair]:
    """The pairs of the annotation; one whose article is missing is a UsageError."""
    starts = {key: [start for start, _ in split_sentences(text)] for key, text in texts.items()}
    for row in rows:
        key = row["article_id"]
        if key not in texts:
            raise UsageError(f"attribution {row['id']!r}: no article {key!r}")
        if row["source"]:
            spans = row.get("spans", {"cue": [], "source": []})
            place = next(iter(spans["cue"]), (row["start"],))[0]
            sentence = starts[key][max(0, bisect_right(starts[key], place) - 1)]
            # The first of several stretches names: "Mr Wit … a fellow at the council".
            source = next((texts[key][first:last] for first, last in spans["source"]), row["source"])
            yield key, sentence, head_of(source) or source.casefold()


def read(texts: dict[str, str]) -> Iterator[Pair]:
    """The pairs that Dateline reads."""
    for key, text in texts.items():
        for start, end in split_sentences(text):
            for voice in voices(text[start:end]):
                yield key, start, voice.head


def measure(gold: set[Pair], found: set[Pair]) -> dict[str, float | int]:
    """The figures named above."""
    right = len(gold & found)
    precision, recall = right / max(len(found), 1), right / max(len(gold), 1)
    return {
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "n": len(gold),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, count and print; 2 where a file cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.attribution",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--attributions", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    try:
        texts = {row["id"]: row["text"] for row in read_claims(options.articles, "id", "text")}
        rows = read_claims(options.attributions, "id", "article_id", "source", "start")
        scores = measure(set(annotated(rows, texts)), set(read(texts)))
    except UsageError as exc:
        print(exc, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(scores))
    else:
        print("\n".join(f"{name:<10} {value}" for name, value in scores.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
