"""What one reader asked and was told: the state of a chat, and how the events of an answer move it on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from rag import Answer, Article, Citation, Delta, Filters, Hit, Retrieved, Statement, Turn, new_answer_id

Phase = Literal["searching", "writing", "done", "stopped", "failed"]
Vote = Literal["like", "dislike"]
Event = Retrieved | Delta | Statement | Answer

LONGEST_CHAT = 50  # exchanges kept: a chat is read on one page, and every open chat is held in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question with as much of its answer as there is."""

    question: str  # as typed
    filters: Filters
    id: str = ""  # under which a vote on its answer is kept
    asked: datetime | None = None  # with its time zone
    phase: Phase = "searching"
    passages: int = 0  # that the answer draws on
    draft: str = ""  # as a language model writes it, not checked yet
    statements: tuple[Statement, ...] = ()  # checked
    answer: Answer | None = None  # None: not finished
    error: str | None = None  # why there is no answer, for the reader
    vote: Vote | None = None

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What is cited, each once; its number on the page is its place here, from 1."""
        cited = [citation for statement in self.statements for citation in statement.citations]
        if self.answer is not None:
            cited += [
                citation
                for conflict in self.answer.conflicts
                for value in conflict.values
                for citation in value.citations
            ]
        return tuple(dict.fromkeys(cited))

    @property
    def articles(self) -> Mapping[str, Article]:
        """What is known of the articles that were read, by id; without their texts."""
        hits = self.answer.passages if self.answer else ()
        return {hit.article.id: hit.article for hit in hits}

    def after(self, event: Event) -> "Exchange":
        """The exchange once this event has come."""
        match event:
            case Retrieved():
                return replace(self, phase="writing", passages=len(event.passages))
            case Delta():
                return replace(self, draft=self.draft + event.text)
            case Statement():
                return replace(self, statements=(*self.statements, event))
            case Answer():
                return replace(
                    self,
                    phase="done",
                    draft="",
                    statements=event.statements,
                    answer=replace(event, passages=tuple(map(_without_text, event.passages))),
                )

    @property
    def turn(self) -> Turn:
        """The exchange as a later question leans on it."""
        question = self.answer.question if self.answer else self.question
        return Turn(question=question, answer=" ".join(statement.text for statement in self.statements))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The exchanges of one chat, oldest first."""

    exchanges: tuple[Exchange, ...] = ()

    @property
    def history(self) -> tuple[Turn, ...]:
        """The turns that a follow-up can lean on: those that came to an answer."""
        return tuple(exchange.turn for exchange in self.exchanges if exchange.answer is not None)

    def with_question(self, question: str, filters: Filters) -> "Conversation":
        """With a new question at the end; the oldest go when there are too many."""
        kept = self.exchanges[-(LONGEST_CHAT - 1) :]
        asked = Exchange(
            question=question, filters=filters, id=new_answer_id(), asked=datetime.now().astimezone()
        )
        return replace(self, exchanges=(*kept, asked))

    def with_last(self, exchange: Exchange) -> "Conversation":
        """With the last exchange in its present state."""
        return replace(self, exchanges=(*self.exchanges[:-1], exchange))

    def with_vote(self, index: int, vote: Vote) -> "Conversation":
        """With the reader's judgement of one answer."""
        changed = replace(self.exchanges[index], vote=vote)
        return replace(self, exchanges=(*self.exchanges[:index], changed, *self.exchanges[index + 1 :]))


def _without_text(hit: Hit) -> Hit:
    """The text of every article that was considered would be held for as long as the chat is open."""
    return replace(hit, article=replace(hit.article, text=""))
