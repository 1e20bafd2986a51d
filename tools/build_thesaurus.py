"""Make rag/models/thesaurus/thesaurus.npz from WordNet's database files.

    apt-get install wordnet-base
    python tools/build_thesaurus.py /usr/share/wordnet

WordNet says which words mean the same ("buy", "purchase"), the opposite ("rise", "fall"), or name things of one kind
("Patriots" it does not know, but "butter" and "milk"). Only single words and what links them are kept: no glosses.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

PARTS = ("noun", "verb", "adj", "adv")
PART_BITS = {"n": 1, "v": 2, "a": 4, "s": 4, "r": 8}
SENSES_KEPT = 8  # per word and part of speech, most frequent first: rare senses make false synonyms
OUTPUT = Path(__file__).parent.parent / "rag" / "models" / "thesaurus" / "thesaurus.npz"


@dataclass(frozen=True, slots=True)
class Synset:
    """One line of a data file."""

    key: tuple[str, int]
    words: tuple[str, ...]
    pointers: tuple[tuple[str, tuple[str, int], int, int], ...]  # symbol, target, source word, target word


def read_synsets(folder: Path) -> Iterator[Synset]:
    for part in PARTS:
        for line in (folder / f"data.{part}").read_text("ascii").splitlines():
            if line.startswith(" "):
                continue  # the licence
            fields = line.split("|")[0].split()
            kind, count = fields[2].replace("s", "a"), int(fields[3], 16)
            words = tuple(fields[4 + 2 * n].split("(")[0] for n in range(count))
            rest = fields[4 + 2 * count :]
            pointers = tuple(
                (symbol, (part_to.replace("s", "a"), int(offset)), int(link[:2], 16), int(link[2:], 16))
                for symbol, offset, part_to, link in zip(
                    *(rest[1 + place : 1 + 4 * int(rest[0]) : 4] for place in range(4)), strict=True
                )
            )
            yield Synset((kind, int(fields[0])), words, pointers)


def read_senses(folder: Path) -> dict[str, list[tuple[str, int]]]:
    """Word → its synsets, each part's most frequent sense first."""
    senses: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for part in PARTS:
        for line in (folder / f"index.{part}").read_text("ascii").splitlines():
            if line.startswith(" "):
                continue
            fields = line.split()
            if fields[0].isalpha():
                count = int(fields[2])
                senses[fields[0]] += [(fields[1], int(offset)) for offset in fields[-count:][:SENSES_KEPT]]
    return senses


def read_irregular(folder: Path) -> dict[str, set[str]]:
    forms: dict[str, set[str]] = defaultdict(set)
    for part in PARTS:
        for line in (folder / f"{part}.exc").read_text("ascii").splitlines():
            form, *lemmas = line.split()
            if form.isalpha():
                forms[form].update(lemma for lemma in lemmas if lemma.isalpha())
    return forms


def read_counts(folder: Path) -> dict[str, int]:
    """How often a word was met in the texts that WordNet's makers tagged, about 230,000 words."""
    counts: dict[str, int] = defaultdict(int)
    for line in (folder / "cntlist.rev").read_text("ascii").splitlines():
        sense, _, count = line.split()
        counts[sense.split("%")[0]] += int(count)
    return counts


def build(folder: Path) -> dict[str, np.ndarray]:
    synsets = {synset.key: synset for synset in read_synsets(folder)}
    senses = read_senses(folder)
    words = sorted(senses)
    place = {word: n for n, word in enumerate(words)}
    kept = sorted({key for keys in senses.values() for key in keys})
    parents = {key: [t for s, t, _, _ in synsets[key].pointers if s in ("@", "&", "@i")] for key in kept}
    every = sorted({*kept, *(parent for found in parents.values() for parent in found)})
    number = {key: n for n, key in enumerate(every)}

    counts = read_counts(folder)

    def linked(*symbols: str) -> np.ndarray:
        """Pairs of words that a lexical pointer joins."""
        pairs = set()
        for synset in synsets.values():
            for symbol, target, source, to in synset.pointers:
                if symbol in symbols and source and to:
                    left = synset.words[source - 1].lower()
                    right = synsets[target].words[to - 1].lower()
                    if left in place and right in place and left != right:
                        pairs.add((place[left], place[right]))
        return np.array(sorted(pairs), dtype=np.int32)

    def rows(lists: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        starts = np.cumsum([0, *map(len, lists)], dtype=np.int32)
        return starts, np.array([value for values in lists for value in values], dtype=np.int32)

    sense_starts, sense_values = rows(
        [[number[key] for key in dict.fromkeys(senses[word])] for word in words]
    )
    parent_starts, parent_values = rows([[number[key] for key in parents.get(key_, [])] for key_ in every])
    irregular = [
        (form, lemma)
        for form, lemmas in sorted(read_irregular(folder).items())
        for lemma in sorted(lemmas)
        if lemma in place
    ]
    return {
        "words": np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        "parts": np.array(
            [sum({PART_BITS[key[0]] for key in senses[word]}) for word in words], dtype=np.uint8
        ),
        "counts": np.array([min(counts.get(word, 0), 65_535) for word in words], dtype=np.uint16),
        "sense_starts": sense_starts,
        "senses": sense_values,
        "parent_starts": parent_starts,
        "parents": parent_values,
        "opposites": linked("!"),
        "derived": linked("+", "\\"),
        "forms": np.frombuffer("\n".join(form for form, _ in irregular).encode(), dtype=np.uint8),
        "form_lemmas": np.array([place[lemma] for _, lemma in irregular], dtype=np.int32),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="WordNet's dict folder")
    arrays = build(parser.parse_args().folder)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(OUTPUT, **arrays)
    digest = sha256(OUTPUT.read_bytes()).hexdigest()
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size / 1e6:.2f} MB, sha256 {digest}")
    for name, array in arrays.items():
        print(f"  {name}: {array.shape}")


if __name__ == "__main__":
    main()
