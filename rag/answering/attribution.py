"""Who says so: outlet → agency credited → speaker quoted, read off each cited text and what stands before it."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from rag.answering.voices import Voice, head_of, voices
from rag.credits import credited, is_outlet, outlet_of
from rag.domain import Article, Attribution, Citation
from rag.language import fold, tokens
from rag.sentences import Span, split_sentences

Standing = Literal["named", "official", "anonymous"]

LOOKED_BACK = 3  # sentences before a citation in which "he" or "it" may have been named
_PRONOUNS = frozenset("he she it they who which that this i we you his her their its".split())
_HIDDEN = re.compile(
    r"\b(?:anonymity|anonymously|not (?:to )?be(?:ing)? (?:named|identified)|not authori[sz]ed to)\b",
    re.IGNORECASE,
)
_ANONYMOUS = frozenset(
    """source sources insider insiders person people someone somebody some many one others critics observers analysts
    experts witness witnesses eyewitnesses resident residents activist activists man woman villager villagers doctor
    doctors medics local locals reports report refugees civilian civilians protesters anonymous unnamed unidentified
    undisclosed""".split()
)
_OFFICIAL = frozenset(
    """ministry minister government spokesman spokeswoman spokesperson officials official police army military command
    coalition president office department embassy administration cabinet council parliament court prosecutor
    prosecutors authorities authority commander general secretary envoy ambassador foreign defence defense mayor
    governor senate congress committee commission agency union statement letter letters pentagon kremlin
    coastguard""".split()
)
_OFFICES = (
    "white house",
    "state department",
    "united nations",
    "security council",
    "foreign office",
    "coast guard",
)
# With "the" in front, a body that can be asked, as good as by its name.
_BODIES = frozenset(
    """company firm jury bank club team university school hospital church charity airline association federation board
    institute museum newspaper magazine network""".split()
)


def attributions(
    said: str, citations: Sequence[Citation], articles: Mapping[str, Article]
) -> tuple[Attribution, ...]:
    """Who says so, one for each citation of what is said, in order; `articles` by id."""
    return tuple(
        attribute(articles[citation.article_id], citation.start, citation.end, said) for citation in citations
    )


def attribute(article: Article, start: int, end: int, said: str = "") -> Attribution:
    """Who says what stands at these characters of an article; of several sentences, the one nearest to `said`.

    The agency is the one nearest to the source: of "told SANA …, Presstv reported" SANA. Where the text itself credits
    nobody, it is the one in whose name the article as a whole is given, if that is a single one.
    """
    text = article.text[start:end]
    speaker = _speaker(article, start, end, said)
    return Attribution(
        article_id=article.id,
        outlet=article.source,
        agency=next(iter(claim_credits(article, start, end)), None),
        speaker=speaker,
        standing=_standing(speaker, text) if speaker else None,
    )


def claim_credits(article: Article, start: int, end: int) -> tuple[str, ...]:
    """The agencies and outlets that these characters rest on, the one nearest to the source first.

    Those that the characters themselves credit; else those that the article does, of which none is nearer.
    """
    own = [name for name in credited(article.text[start:end]) if not _same(name, article.source)]
    if own:
        return tuple(sorted(own, key=lambda name: not _told(article.text[start:end], name)))
    return tuple(sorted(article.origins, key=lambda name: not _signs_last(article.text, name)))


def _told(text: str, name: str) -> bool:
    """Whether a source spoke to this outlet, which others then cite."""
    return (
        re.search(
            rf"\b(?:told|telling|tells|spoke to|speaking to)\b[^.,;]{{0,60}}\b{re.escape(name)}\b", text
        )
        is not None
    )


def _signs_last(text: str, name: str) -> bool:
    """Whether it closes a signature: the text of "MNA/SANA" came to MNA from SANA."""
    return re.search(rf"/\s*{re.escape(name)}\W*\Z", text) is not None


def _same(name: str, outlet: str | None) -> bool:
    return outlet is not None and outlet_of(name) == outlet_of(outlet)


def _speaker(article: Article, start: int, end: int, said: str) -> str | None:
    """Who is quoted: no outlet, by name where an earlier sentence has it; the first, if the sentences are as near."""
    text = article.text[start:end]
    about = {word.stem for word in tokens(said)}

    def nearness(span: Span) -> float:
        words = {word.stem for word in tokens(text[slice(*span)])}
        return len(words & about) / max(1, len(words))

    for first, last in sorted(split_sentences(text), key=nearness, reverse=True):
        sentence = article.text[start + first : start + last]
        for voice in _speaking(sentence):
            if fold(voice.text) in _PRONOUNS:
                return _named_before(article, start + first)
            return voice.text
    return None


def _speaking(sentence: str) -> list[Voice]:
    return [voice for voice in _heard(sentence) if voice.says and not _is_outlet(voice.text)]


@lru_cache(maxsize=4096)
def _heard(sentence: str) -> tuple[Voice, ...]:
    return tuple(voices(sentence))


def _is_outlet(name: str) -> bool:
    return is_outlet(re.sub(r"^[Tt]he ", "", name)) or bool(credited(f"{name} reported."))


def _named_before(article: Article, start: int) -> str | None:
    """Whom a pronoun stands for: the nearest speaker before it that is not one itself."""
    spans = split_sentences(article.text[max(0, start - 2_000) : start])
    offset = max(0, start - 2_000)
    for first, last in reversed(spans[-LOOKED_BACK:]):
        for voice in reversed(_speaking(article.text[offset + first : offset + last])):
            if fold(voice.text) not in _PRONOUNS:
                return voice.text
    return None


def _standing(speaker: str, text: str) -> Standing:
    """Whether one could ask the speaker: by name, by office, or not at all."""
    words = fold(re.sub(r"[^\w\s]", " ", speaker)).split()
    if (_HIDDEN.search(text) or set(words) & _ANONYMOUS) and not _has_name(speaker):
        return "anonymous"
    office = head_of(speaker) in _OFFICIAL or any(office in " ".join(words) for office in _OFFICES)
    if _has_name(speaker) and not office:
        return "named"
    if office or set(words) & _OFFICIAL:
        return "official"
    if words[:1] == ["the"] and words[1:] and set(words[1:]) <= _BODIES:
        return "named"
    described = len(words) > 1 and words[0] in ("a", "an", "the", "some")
    return "anonymous" if described or speaker[:1].islower() else "named"


def _has_name(speaker: str) -> bool:
    """Whether it holds a name of a person or body, and not only of an office: "Foreign Minister Walid Muallem"."""
    capitals = re.findall(r"(?<![\w.-])(?:al-|el-)?[A-ZÀ-Þ][\w’'-]+", speaker)
    kept = [
        word
        for word in capitals
        if fold(word) not in _OFFICIAL | _ANONYMOUS | _TITLES and not _DEMONYM.search(word)
    ]
    office = {fold(word) for word in re.findall(r"\w+", speaker)} & _OFFICIAL
    return len(kept) >= (2 if office else 1)


_TITLES = frozenset(
    "mr mrs ms dr the a an us un eu uk un's state prime deputy vice chief local syrian of and".split()
)
_DEMONYM = re.compile(r"(?:ian|ish|ese|ean|man|iot|qi|ni|li|led|backed)$")
