"""Article → passages: runs of whole sentences, sized for search."""

from itertools import pairwise

from rag.domain import Article, Passage
from rag.sentences import Span, split_sentences

__all__ = ["Span", "split_passages", "split_sentences"]


def split_passages(article: Article, *, words: int, overlap: int) -> list[Passage]:
    """Passages of about `words` words from `body_start` on; neighbours share `overlap` sentences.

    A last passage of less than a quarter joins the one before, so one holds at most 1¼ × `words`, unless one
    sentence alone is longer. Fewer sentences are shared where they would fill half of the next passage.
    """
    sentences = split_sentences(article.text, article.body_start)
    ends = [article.body_start, *(end for _, end in sentences)]
    sizes = [_size(article.text, *span) for span in pairwise(ends)]
    left = sum(sizes)
    passages: list[Passage] = []
    begin = end = 0  # numbers of sentences; end is exclusive
    while end < len(sentences):
        first, fresh = begin, end
        size = sum(sizes[begin:end])
        while end < len(sentences) and (end == fresh or size + sizes[end] <= words or left < words / 4):
            size += sizes[end]
            left -= sizes[end]
            end += 1
        passages.append(_passage(article, len(passages), sentences[begin][0], sentences[end - 1][1]))
        begin = end
        while (
            begin > max(fresh, first + 1)
            and end - begin < overlap
            and sum(sizes[begin - 1 : end]) <= words / 2
        ):
            begin -= 1
    return passages


def _passage(article: Article, number: int, start: int, end: int) -> Passage:
    return Passage(
        id=f"{article.id}:{article.sha256[:12]}:{number}",
        article_id=article.id,
        start=start,
        end=end,
        text=article.text[start:end],
    )


def _size(text: str, start: int, end: int) -> int:
    """Length in words, or in tens of characters where that is more: some scripts write no spaces."""
    return max(len(text[start:end].split()), (end - start) // 10)
