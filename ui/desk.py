"""What happens behind the page: each method answers one thing that a reader does, with HTML to show.

Everything that arrives from a browser is checked here: a page can be made to send anything.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from rag import (
    Citation,
    DatelineError,
    Feedback,
    Filters,
    IngestReport,
    Newsroom,
    Progress,
    QuestionError,
    Statistics,
    record_feedback,
)
from ui import render
from ui.conversation import Conversation, Exchange, Vote
from ui.evaluations import runs
from ui.examples import suggestions
from ui.reading import Reading
from ui.timeline import draw
from ui.uploads import ingested

MEDIA_TYPES = {"html": "text/html", "md": "text/markdown", "json": "application/json"}

_log = logging.getLogger(__name__)


class Desk:
    """One for all readers; what belongs to one reader is handed in and out."""

    def __init__(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom
        self._examples: tuple[object, tuple[str, ...]] = (None, ())  # of a collection, and its questions
        self._guard = Lock()

    # -- the chat -----------------------------------------------------------------------------------------

    def ask(self, question: str, filters: Filters, conversation: Conversation) -> Iterator[Conversation]:
        """The conversation after each event of the answer. Ends with an answer or a readable error."""
        history = conversation.history
        conversation = conversation.with_question(question, filters)
        exchange = conversation.exchanges[-1]
        yield conversation
        try:
            # Closed when the reader stops it: a language model then stops writing, too.
            with closing(_generator(self._newsroom, question, filters, history)) as events:
                for event in events:
                    exchange = exchange.after(event)
                    yield conversation.with_last(exchange)
        except Exception as error:
            yield conversation.with_last(replace(exchange, phase="failed", error=_in_words(error)))

    def examples(self) -> tuple[str, ...]:
        """Questions that the collection answers; found once for each of its states."""
        held = self.held()
        state = held and (held.articles, held.passages, held.last)
        with self._guard:
            if self._examples[0] != state:
                self._examples = (state, suggestions(self._newsroom) if held else ())
            return self._examples[1]

    def welcome(self, *, examples: bool = True) -> str:
        """The page before the first question."""
        held = self.held()
        trouble = None
        if not (held and held.articles):
            trouble = self._trouble() or "There are no articles here yet."
        return render.welcome(self.examples() if examples and not trouble else (), trouble)

    def vote(self, conversation: Conversation, sent: Mapping[str, Any]) -> Conversation:
        """The conversation with the reader's judgement of one answer, which is kept in the home."""
        vote: Vote = "like" if sent.get("vote") == "like" else "dislike"
        place = _place(sent, "turn", conversation.exchanges)
        exchange = conversation.exchanges[place]
        feedback = Feedback(answer_id=exchange.id, rating=vote, question=exchange.question)
        record_feedback(self._newsroom.settings.home, feedback)
        return conversation.with_vote(place, vote)

    def export(self, conversation: Conversation, sent: Mapping[str, Any]) -> dict[str, str]:
        """One answer with its evidence as a file: its name, media type and text."""
        exchange = conversation.exchanges[_place(sent, "turn", conversation.exchanges)]
        if exchange.answer is None:
            raise QuestionError("There is no answer yet to keep.")
        form = next((form for form, _ in render.FORMS if form == sent.get("form")), render.FORMS[0][0])
        text = self._newsroom.dossier(exchange.answer, form, made=exchange.asked)
        return {"name": f"dossier.{form}", "type": MEDIA_TYPES[form], "text": text}

    # -- the reading pane ---------------------------------------------------------------------------------

    def open_citation(self, conversation: Conversation, sent: Mapping[str, Any]) -> Reading:
        """The article of a citation, open at the quoted words."""
        turn = _place(sent, "turn", conversation.exchanges)
        citations = conversation.exchanges[turn].citations
        number = _place(sent, "n", citations, first=1)
        citation: Citation = citations[number]
        opened = self._opened(
            citation.article_id, citation.sha256, citation.start, citation.end, citation.quote
        )
        return replace(opened, number=number + 1, of=len(citations), turn=turn)

    def open_passage(self, conversation: Conversation, sent: Mapping[str, Any]) -> Reading:
        """The article of a passage that was considered, open at the passage."""
        exchange = conversation.exchanges[_place(sent, "turn", conversation.exchanges)]
        hits = exchange.answer.passages if exchange.answer else ()
        hit = hits[_place(sent, "n", hits, first=1)]
        passage = hit.passage
        opened = self._opened(
            passage.article_id, hit.article.sha256, passage.start, passage.end, passage.text
        )
        return replace(opened, quoted=False)

    def _opened(self, article_id: str, sha256: str, start: int, end: int, quote: str) -> Reading:
        """The text that was cited, open at these words; what stands there is compared with what was quoted."""
        article = self._newsroom.article(article_id, sha256)
        latest = self._newsroom.versions(article_id)[-1].sha256
        return Reading(
            article=article,
            start=start,
            end=end,
            quote=quote,
            intact=article.text[start:end] == quote,
            superseded=latest != sha256,
        )

    def open_article(self, listed: tuple[str, ...], sent: Mapping[str, Any]) -> Reading:
        """An article of the table."""
        return Reading(article=self._newsroom.article(listed[_place(sent, "n", listed)]))

    # -- the collection -----------------------------------------------------------------------------------

    def held(self) -> Statistics | None:
        """What the collection holds; None while there is none, or it cannot be read."""
        try:
            return self._newsroom.info()
        except DatelineError as error:
            _log.info("the collection cannot be shown: %s", error)
            return None

    def articles(self, filters: Filters, offset: int) -> tuple[str, tuple[str, ...]]:
        """A page of the table of articles, and the ids of its rows."""
        offset = max(0, offset)
        try:
            found = self._newsroom.articles(filters, limit=render.PAGE + 1, offset=offset)
        except DatelineError as error:
            return render.note("caution", str(error)), ()
        page = found[: render.PAGE]
        held = self.held()
        total = held.articles if held and filters == Filters() else None
        html = render.articles(page, offset=offset, more=len(found) > render.PAGE, total=total)
        return html, tuple(article.id for article in page)

    def stories(self, filters: Filters, offset: int) -> tuple[str, tuple[str, ...]]:
        """A page of stories, and the ids of the articles it lists."""
        offset = max(0, offset)
        try:
            found = self._newsroom.stories(filters, limit=render.STORIES + 1, offset=offset)
            page, ids = [], list[str]()
            for story in found[: render.STORIES]:
                some = [self._newsroom.article(each) for each in story.article_ids[: render.LISTED]]
                page.append(render.ToldStory(story, tuple(enumerate(some, start=len(ids)))))
                ids += [article.id for article in some]
        except DatelineError as error:
            return render.note("caution", str(error)), ()
        return render.stories(page, offset=offset, more=len(found) > render.STORIES), tuple(ids)

    def evaluation(self) -> str:
        """The runs of the evaluation; empty while there are none."""
        found = runs(self._newsroom.settings.home)
        return render.evaluation(found) if found else ""

    def timeline(self) -> str:
        """Articles over time."""
        held = self.held()
        if held is None or not held.articles:
            return ""
        days = self._newsroom.days()
        return render.timeline(draw(days, undated=held.articles - sum(number for *_, number in days)))

    def take_in(self, paths: list[Path]) -> Iterator[str]:
        """Take in files that were uploaded: how far it has come, then what it brought."""
        if not paths:
            yield render.note("caution", "Choose files first.")
            return
        yield render.note("caution", "Reading…")
        for step in ingested(self._newsroom, paths):
            match step:
                case Progress():
                    done = f"{step.files:,} of {step.files_total:,} files, {step.documents:,} articles"
                    yield render.note("caution", f"Reading: {done}, {step.passages:,} passages stored")
                case IngestReport():
                    yield render.report(step)
                case error:
                    yield render.note("failure", _in_words(error))

    def _trouble(self) -> str | None:
        try:
            self._newsroom.info()
        except DatelineError as error:
            return str(error)
        return None


def filters_of(since: str | None, until: str | None, outlets: list[str] | None, as_of: str | None) -> Filters:
    """The filters that a reader set. Raises QuestionError for what is no day, or an empty span."""
    first, last, known = _day("From", since), _day("Until", until), _day("As of", as_of)
    if first and last and first > last:
        raise QuestionError("“From” is later than “until”; no article can be from then.")
    if first and known and first > known:
        raise QuestionError("“From” is later than “as of”; no article of then was known.")
    return Filters(since=first, until=last, sources=tuple(outlets or ()), as_of=known)


def refused(question: str, conversation: Conversation, error: DatelineError) -> Conversation:
    """The conversation with a question that cannot be asked like this, and why."""
    conversation = conversation.with_question(question, Filters())
    failed = Exchange(question=question, filters=Filters(), phase="failed", error=str(error))
    return conversation.with_last(failed)


def stopped(conversation: Conversation) -> Conversation:
    """The conversation with its last question given up by the reader."""
    if not conversation.exchanges or conversation.exchanges[-1].phase not in ("searching", "writing"):
        return conversation
    return conversation.with_last(replace(conversation.exchanges[-1], phase="stopped", draft=""))


def _day(name: str, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as exc:
        raise QuestionError(f"“{name}” is not a day of the calendar; write it as 2019-01-20.") from exc


def _place(sent: Mapping[str, Any], name: str, items: tuple[Any, ...], *, first: int = 0) -> int:
    """A place in a list as the page sent it, counted from `first` there and from 0 here."""
    try:
        place = int(sent[name]) - first
    except (KeyError, TypeError, ValueError) as exc:
        raise QuestionError("The page sent something that is not on it; load it again.") from exc
    if not 0 <= place < len(items):
        raise QuestionError("That is no longer on the page; load it again.")
    return place


def _generator(newsroom: Newsroom, question: str, filters: Filters, history: Any) -> Any:
    """The events of an answer. A generator of its own, so that closing it closes what it draws from."""
    yield from newsroom.stream(question, filters, history=history)


def _in_words(error: Exception) -> str:
    if isinstance(error, DatelineError):
        return str(error)
    _log.error("unexpected failure", exc_info=error)
    return "Something went wrong here that should not have; the log of the server says what."
