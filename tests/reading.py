"""What search would hand to an answerer: passages made of a few words, without a collection."""

from typing import Any

from rag.answering.sentences import Sentence, sentences_of
from rag.domain import Hit, Passage
from tests.collection import article


def hit(article_id: str, text: str, *, score: float = 1.0, **fields: Any) -> Hit:
    """An article whose whole text is one passage."""
    passage = Passage(id=f"{article_id}:0", article_id=article_id, start=0, end=len(text), text=text)
    return Hit(passage=passage, article=article(article_id, text, **fields), score=score)


def sentences(text: str, **fields: Any) -> list[Sentence]:
    """The sentences of one article."""
    return sentences_of([hit("a", text, **fields)])


def sentence(text: str, **fields: Any) -> Sentence:
    """An article of one sentence."""
    [only] = sentences(text, **fields)
    return only
