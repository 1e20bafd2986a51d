"""Who did what to whom: whether the evidence says of another name what a claim says of its own."""

from collections.abc import Callable, Sequence

from rag.language import aliases, names, same_word, tokens
from rag.sentences import Span, split_sentences

# By how much (logit of entailment) the evidence must rather say the claim with another name, and how sure it must be of
# that one. Of 310 claims of CLIFF and BUMP, 49 right ones pass the other checks: these bounds refuse none of them.
RATHER, SURE = 2.5, 1.0
HIGHEST = 2.9  # the judge of entailment was taught not to be surer
MOST = 2  # exchanges that are asked of the judge; with four no verdict on CLIFF's 600 claims was another
_ENDS = ("", *'.!?:”“‘("')  # what stands before the first word of a sentence


def rather_said(
    claim: str,
    passage: str,
    entailed: float,
    judge: Callable[[Sequence[str], Sequence[str]], Sequence[float]],
) -> str | None:
    """The claim with a name exchanged for another of the passage, or with its own, if the passage says rather that.

    `judge` gives the logits of passages saying claims; `entailed`: that of the claim as it is.
    """
    if entailed + RATHER > HIGHEST:
        return None
    others = exchanged(claim, passage)[:MOST]
    logit, best = max(
        zip(judge(others, [passage] * len(others)), others, strict=True), default=(entailed, claim)
    )
    return best if logit >= max(SURE, entailed + RATHER) else None


def exchanged(claim: str, passage: str) -> list[str]:
    """The claim with each name that the passage has exchanged for each other one: "A beat B" where C stands, too, gives
    "B beat A", "C beat B" and "A beat C". The likeliest first: of which one sentence of the passage has most words,
    and of these the claim's own names with each other.
    """
    there: list[str] = []
    for span in names(passage):
        name = passage[slice(*span)]
        if not _opens(passage, span) and not any(_same(name, other) for other in there):
            there.append(name)
    capitals = " ".join(word.text for word in tokens(passage) if word.is_capitalised)
    own = [
        span
        for span in names(claim)
        if _same(claim[slice(*span)], capitals if _opens(claim, span) else passage)
    ]
    swapped, replaced = [], []
    for other in there:
        for span in own:
            if _same(other, claim[slice(*span)]):
                continue
            standing = next((each for each in own if _same(other, claim[slice(*each)])), None)
            if standing:
                swapped.append(_swap(claim, span, standing))
            else:
                replaced.append(claim[: span[0]] + other + claim[span[1] :])
    sentences = [_stems(passage[slice(*span)]) for span in split_sentences(passage)]

    def there_together(made: str) -> float:
        stems = _stems(made)
        return max(len(stems & sentence) / len(stems) for sentence in sentences)

    made = (each for each in dict.fromkeys((*swapped, *replaced)) if each != claim)
    return sorted(made, key=there_together, reverse=True)


def _opens(text: str, span: Span) -> bool:
    """Whether it is one word that begins a sentence, and so may be any word."""
    return " " not in text[slice(*span)] and text[: span[0]].rstrip()[-1:] in _ENDS


def _stems(text: str) -> set[str]:
    return {word.stem for word in tokens(text)}


def _swap(text: str, one: Span, other: Span) -> str:
    (a, b), (c, d) = sorted((one, other))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def _same(name: str, text: str) -> bool:
    """Whether the text has one of the name's words, or is another name of its bearer: "Truss" is Liz Truss."""
    return not set(aliases(name)).isdisjoint(aliases(text)) or any(
        same_word(word, other) for word in tokens(name) if word.is_capitalised for other in tokens(text)
    )
