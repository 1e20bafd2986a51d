"""An article as the reader opens it: its text around the words that were cited."""

from dataclasses import dataclass

from rag import Article

# Characters shown on each side of the quoted words: more than nearly every news article has, and little
# enough for a browser to lay out at once. The rest is one click away.
AROUND = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One article in the reading pane; `before + marked + after` is a piece of its text without a gap."""

    article: Article
    start: int = 0  # of what is highlighted, in the article's text
    end: int = 0  # 0: nothing is
    quote: str = ""  # the words as they were cited
    quoted: bool = True  # False: it is a passage that was considered, not a quote
    intact: bool = True  # the words are there at these offsets
    superseded: bool = False  # the article has another text by now; this is the one that was cited
    number: int | None = None  # of the source on the page; None: not opened from a citation
    of: int = 0  # sources of that answer
    turn: int = 0  # its place in the conversation
    around: int | None = AROUND  # None: the whole text is shown

    @property
    def marked(self) -> str:
        """What is highlighted: exactly the cited characters, nothing when the article has changed."""
        return self.article.text[self.start : self.end] if self.intact else ""

    @property
    def before(self) -> str:
        """The text shown before that."""
        return self.article.text[self.hidden_before : self._start]

    @property
    def after(self) -> str:
        """The text shown after it."""
        text = self.article.text
        return text[self._end : len(text) - self.hidden_after]

    @property
    def hidden_before(self) -> int:
        """How many characters at the beginning are left out."""
        return 0 if self.around is None else max(0, self._start - self.around)

    @property
    def hidden_after(self) -> int:
        """How many at the end."""
        left = len(self.article.text) - self._end
        return 0 if self.around is None else max(0, left - self.around)

    @property
    def _start(self) -> int:
        return self.start if self.intact else 0

    @property
    def _end(self) -> int:
        return self.end if self.intact else 0
