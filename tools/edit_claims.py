"""Make claims to learn from out of news articles: true sentences in other words, and the same with one thing wrong.

    python tools/edit_claims.py --articles articles.jsonl --out edited.jsonl

A claim is the opening sentence of an article, when the rest of it has most of its words, or a sentence from the
middle. Wrong ones differ in a number, a name, a word for its opposite or for another of its kind, or in a negation.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.answering.verification.thesaurus import ADJECTIVE, NOUN, VERB, Thesaurus, thesaurus
from rag.language import STOPWORDS, names, numbers, tokens
from rag.sentences import split_sentences

BODY = 12  # sentences of an article that a claim is checked against
SHORTEST, LONGEST = 8, 45  # words of a claim
ENOUGH = 0.6  # share of the opening sentence's content words that the rest of the article must have
COMMON = 0.75  # weight up to which a word is common enough to be put in another's place
_AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|will|would|could|can|did|does)\b(?! not)")

Edit = Callable[[str], str | None]


class Editor:
    """Changes one thing in a sentence; the same seed gives the same changes."""

    def __init__(self, words: Thesaurus, vocabulary: Sequence[str], seed: int) -> None:
        self._words = words
        self._vocabulary = vocabulary
        self._random = random.Random(seed)  # noqa: S311  # the same claims each time, no secrets
        self.others: list[str] = []  # names that a name may be exchanged for

    def pick(self, sentences: Sequence[str]) -> list[str]:
        """Two of the sentences."""
        return self._random.sample(sentences, 2)

    def paraphrase(self, text: str) -> str | None:
        """Up to three words for others that mean the same."""
        changed = text
        for _ in range(self._random.randint(1, 3)):
            changed = self._exchange(changed, ("synonym",)) or changed
        return changed if changed != text else None

    def wrong(self, text: str) -> str | None:
        """One thing that makes the sentence say something else."""
        edits: list[Edit] = [
            self._number, self._name, self._negation,
            lambda sentence: self._exchange(sentence, ("opposite",)),
            lambda sentence: self._exchange(sentence, ("sibling",)),
            lambda sentence: self._exchange(sentence, ("none",)),
        ]  # fmt: skip
        self._random.shuffle(edits)
        return next((changed for edit in edits if (changed := edit(text))), None)

    def _number(self, text: str) -> str | None:
        found = [each for each in numbers(text) if text[each.start : each.end].isdigit()]
        if not found:
            return None
        chosen = self._random.choice(found)
        value = int(chosen.value)
        other = value + self._random.choice([-1, 1]) * max(
            1, round(value * self._random.choice([0.01, 0.1, 0.5]))
        )
        return f"{text[: chosen.start]}{abs(other)}{text[chosen.end :]}" if abs(other) != value else None

    def _name(self, text: str) -> str | None:
        spans = [span for span in names(text) if span[0] > 0]
        others = [name for name in self.others if name not in text]
        if not spans or not others:
            return None
        start, end = self._random.choice(spans)
        return text[:start] + self._random.choice(others) + text[end:]

    def _negation(self, text: str) -> str | None:
        if " not " in text:
            return text.replace(" not ", " ", 1)
        found = list(_AUXILIARY.finditer(text))
        if not found:
            return None
        end = self._random.choice(found).end()
        return f"{text[:end]} not{text[end:]}"

    def _exchange(self, text: str, kinships: Sequence[str]) -> str | None:
        """One common word for one that is so related to it and has its ending."""
        named = names(text)
        found = [
            word
            for word in tokens(text)
            if word.text.islower()
            and word.text not in STOPWORDS
            and self._words.parts(word.text) & (NOUN | VERB | ADJECTIVE)
            and not any(start <= word.start < end for start, end in named)
        ]
        self._random.shuffle(found)
        for word in found:
            for other in self._random.sample(self._vocabulary, 1_500):
                same = self._words.parts(word.text) == self._words.parts(other)
                if (
                    same
                    and word.text[-2:] == other[-2:]
                    and self._words.kinship(word.text, other) in kinships
                ):
                    return text[: word.start] + other + text[word.end :]
        return None


def claims_of(article: dict[str, Any], editor: Editor) -> Iterator[dict[str, Any]]:
    """A few supported and as many wrong claims about one article."""
    text = article["text"]
    sentences = [text[start:end] for start, end in split_sentences(text)]
    prose = [sentence for sentence in sentences if sentence[-1] in ".”" and len(sentence.split()) >= SHORTEST]
    body = prose[1 : 1 + BODY]
    if len(body) < BODY // 2:
        return
    editor.others = [" ".join(body)[start:end] for start, end in names(" ".join(body))]
    sources = [prose[0]] if _is_told_again(prose[0], body) else []
    sources += editor.pick(body)
    for number, source in enumerate(source for source in sources if len(source.split()) <= LONGEST):
        true = editor.paraphrase(source) or source
        base = {"context": "\n".join(body), "origin": "edited_news"}
        key = f"edited-{article['id']}-{number}"
        yield {"id": f"{key}-source", "claim": source, "label": "supported", **base}
        yield {"id": f"{key}-true", "claim": true, "label": "supported", **base}
        for each in range(2):
            if wrong := editor.wrong(true if each else source):
                yield {"id": f"{key}-wrong{each}", "claim": wrong, "label": "contradicted", **base}


def _is_told_again(opening: str, body: Sequence[str]) -> bool:
    wanted = {word.stem for word in tokens(opening) if word.text.lower() not in STOPWORDS}
    present = {word.stem for sentence in body for word in tokens(sentence)}
    return len(wanted & present) >= ENOUGH * len(wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=Path, required=True, help="articles.jsonl")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=300, help="articles used")
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.articles.read_text("utf-8").splitlines()]
    picked = random.Random(0).sample(rows, min(args.limit, len(rows)))  # noqa: S311  # as above
    words = thesaurus()
    vocabulary = sorted(
        {
            word.text
            for row in picked
            for word in tokens(row["text"])
            if word.text.islower()
            and len(word.text) > 3
            and words.weight(word.text) <= COMMON
            and words.parts(word.text)
        }
    )
    editor = Editor(words, vocabulary, seed=0)
    made = [claim for row in picked for claim in claims_of(row, editor)]
    args.out.write_text("".join(json.dumps(claim, ensure_ascii=False) + "\n" for claim in made), "utf-8")
    print(f"{len(made)} claims, {sum(claim['label'] == 'supported' for claim in made)} of them supported")


if __name__ == "__main__":
    main()
