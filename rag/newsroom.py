"""Settings → parts: the one place where they are put together."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rag.answering.answerer import Answerer
from rag.answering.conflicts import Conflicts
from rag.answering.extractive import ExtractiveAnswerer
from rag.answering.lexicon import Lexicon
from rag.ask import ask, check_filters, check_question
from rag.chat import Turn, full_question
from rag.domain import Answer, Article, Event, Filters, Hit, Passage, Story, Version
from rag.dossier import Form, dossier
from rag.embeddings import Embedder, EndpointEmbedder, MiniLMEmbedder, StaticEmbedder
from rag.entailment import Entailment
from rag.errors import CorpusEmpty, DatelineError
from rag.index.corpus import Corpus
from rag.index.reading import Statistics
from rag.ingest import IngestReport, Progress, ingest, reindex
from rag.reader import Reader
from rag.retrieval.retriever import Retriever
from rag.settings import Settings
from rag.telling import cited
from rag.uploads import take_in

if TYPE_CHECKING:
    from rag.llm import LanguageModel
    from rag.query_engine import QueryEngine

NO_FILTERS = Filters()

_log = logging.getLogger(__name__)


class Newsroom:
    """A collection of articles that can be added to, searched and asked. Use as a context manager, or `close` it.

    Raises DatelineError, and nothing else, for whatever a user can get wrong. Any number of threads may ask at
    once, also while one adds or removes articles; others that want to change the collection wait for that one.

    >>> from pathlib import Path
    >>> with Newsroom(Settings(home="news")) as newsroom:  # doctest: +SKIP
    ...     newsroom.ingest([Path("seeds")])
    ...     newsroom.ask("Which village was hit?").statements[0].text
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.load()
        self._corpus: Corpus | None = None  # open for reading
        self._guard = RLock()  # while the collection or a model is opened
        self._turn = RLock()  # of the one thread that changes the collection
        self._busy = False

    # -- the two ways -------------------------------------------------------------------------------------

    def ingest(
        self, paths: Sequence[Path], *, progress: Callable[[Progress], None] | None = None
    ) -> IngestReport:
        """Take in the articles of files and folders; see `rag.ingest.ingest`."""
        settings = self.settings
        with self._writing(create=True) as corpus:
            return ingest(
                paths,
                corpus,
                self._embedder,
                words=settings.passage_words,
                overlap=settings.passage_overlap,
                max_bytes=settings.max_file_mb * 1_000_000,
                max_chars=settings.max_article_chars,
                progress=progress,
            )

    def take_in(
        self, files: Sequence[Path], *, progress: Callable[[Progress], None] | None = None
    ) -> IngestReport:
        """Ingest files that were sent in, whose folder says nothing; they are moved, and gone afterwards.

        One sent in again under its name is another version of its article. Raises as `ingest` does, and StorageError.
        """
        return take_in(self.settings.home, files, partial(self.ingest, progress=progress))

    def stream(
        self, question: str, filters: Filters = NO_FILTERS, *, history: Sequence[Turn] = ()
    ) -> Iterator[Event]:
        """Answer a question, event by event; the last one is the Answer.

        With the turns of the conversation so far, a follow-up ("and who carried it out?") is completed first.
        """
        question = self._checked(question, filters)
        answerer, conflicts = self._parts()
        return ask(
            self._completed(question, history),
            filters,
            retriever=Retriever(self._reading(), self._embedder),
            answerer=answerer,
            conflicts=conflicts,
            limit=self.settings.passages_per_question,
        )

    def ask(self, question: str, filters: Filters = NO_FILTERS, *, history: Sequence[Turn] = ()) -> Answer:
        """Answer a question, or abstain with the reason."""
        *_, answer = self.stream(question, filters, history=history)
        assert isinstance(answer, Answer)  # noqa: S101 - what `stream` promises, told to the type checker
        return answer

    def search(self, question: str, filters: Filters = NO_FILTERS, *, limit: int = 10) -> list[Hit]:
        """The passages that bear on a question, best first."""
        return Retriever(self._reading(), self._embedder).search(
            self._checked(question, filters), filters, limit=limit
        )

    def dossier(self, answer: Answer, form: Form, *, made: datetime | None = None) -> str:
        """An answer as a document with its evidence: "html", "md" or "json"; see `rag.dossier`.

        `made`: when the question was asked, if not now. Raises ArticleNotFound where a cited one is gone.
        """
        return dossier(
            answer,
            {each.article_id: self.article(each.article_id, each.sha256) for each in cited(answer)},
            settings=self.settings.public(),
            made=made or datetime.now().astimezone(),
            form=form,
        )

    def retriever(self, filters: Filters = NO_FILTERS, *, limit: int = 12) -> Retriever:
        """A LlamaIndex retriever; its nodes are passages with `start_char_idx` and `end_char_idx`."""
        self._check_filters(filters)
        return Retriever(self._reading(), self._embedder, limit=limit, filters=filters)

    def query_engine(self, filters: Filters = NO_FILTERS) -> "QueryEngine":
        """A LlamaIndex query engine; the source nodes of its responses are the cited spans."""
        # Takes 0.2 s to import, which a question on the command line need not pay.
        from rag.query_engine import QueryEngine

        return QueryEngine(lambda question: self.ask(question, filters))

    # -- the collection -----------------------------------------------------------------------------------

    def articles(
        self,
        filters: Filters = NO_FILTERS,
        *,
        limit: int | None = None,
        offset: int = 0,
        after: str | None = None,
    ) -> list[Article]:
        """The articles that the filters let pass, by id; with `after`, those whose id comes after that one."""
        self._check_filters(filters)
        return self._reading().articles(filters, limit=limit, offset=offset, after=after)

    def article(self, article_id: str, sha256: str | None = None) -> Article:
        """The article with this id; with the hash of a citation, or its first digits, the text that it cites.

        Raises ArticleNotFound.
        """
        return self._reading().article(article_id, sha256)

    def versions(self, article_id: str) -> list[Version]:
        """The texts that the article has had, the latest last. Raises ArticleNotFound."""
        return self._reading().versions(article_id)

    def passages(self, article_id: str) -> tuple[Article, list[Passage]]:
        """An article with its passages, in the order of its text. Raises ArticleNotFound."""
        return self._reading().article_with_passages(article_id)

    def stories(
        self, filters: Filters = NO_FILTERS, *, limit: int | None = None, offset: int = 0
    ) -> list[Story]:
        """Events that two or more articles tell of, the latest first.

        A story is listed whole when one of its articles passes the filters; only `as_of` takes articles out of it,
        those that were published later.
        """
        self._check_filters(filters)
        return self._reading().stories(filters, limit=limit, offset=offset)

    def remove(self, ids: Sequence[str]) -> None:
        """Take articles out; all of them or, with ArticleNotFound, none. Raises CorpusEmpty where there are none."""
        with self._writing() as corpus:
            corpus.remove(ids)

    def reindex(self, progress: Callable[[Progress], None] | None = None) -> int:
        """Build the indexes anew from the stored articles; how many passages. Raises CorpusEmpty without any."""
        settings = self.settings
        with self._writing() as corpus:
            return reindex(
                corpus,
                self._embedder,
                words=settings.passage_words,
                overlap=settings.passage_overlap,
                progress=progress,
            )

    @property
    def busy(self) -> bool:
        """Whether a thread is changing the collection; another one that wants to would have to wait."""
        return self._busy

    def info(self) -> Statistics:
        """What the collection holds."""
        return self._reading().statistics()

    def warm(self) -> None:
        """Load the models now, so that the first question need not wait for them."""
        self._parts()

    def days(self) -> list[tuple[date, str | None, int]]:
        """How many articles each source published on each day, by day; without the undated ones."""
        return self._reading().days()

    def check(self) -> dict[str, str]:
        """For each part that an answer needs: "ok", or what is wrong with it. An empty collection is no fault."""

        with self._guard:
            embedder = self._embedder
        probes: dict[str, Callable[[], object]] = {
            "articles": lambda: self._reading().count(),
            "vectors": lambda: self._reading().nearest(embedder.encode(["news"])[0], 1),
            "keywords": lambda: self._reading().matching("news", 1),
            "models": self._parts,
        }
        return {name: _state(probe) for name, probe in probes.items()}

    def close(self) -> None:
        """Let go of every file, once a change that another thread is making is done."""
        with self._turn, self._guard:
            if self._corpus is not None:
                self._corpus.close()
            self._corpus = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- parts --------------------------------------------------------------------------------------------

    def _reading(self) -> Corpus:
        """The collection, opened once; raises CorpusEmpty where there is none."""
        with self._guard:
            if self._corpus is None:
                self._corpus = self._open(writing=False)
            return self._corpus

    @contextmanager
    def _writing(self, *, create: bool = False) -> Iterator[Corpus]:
        """The collection, opened for one change beside the one that goes on being read; `create`: also a new one."""
        settings = self.settings
        if not Corpus.is_stored(settings.home, database_url=settings.database_url) and not create:
            raise CorpusEmpty(settings.home)
        with self._turn:
            self._busy = True
            try:
                with self._open(writing=True) as corpus:
                    yield corpus
            finally:
                self._busy = False

    def _open(self, *, writing: bool) -> Corpus:
        settings = self.settings
        with self._guard:
            embedder = self._embedder
        return Corpus.open(
            settings.home, database_url=settings.database_url, embedder=embedder, writing=writing
        )

    def _parts(self) -> tuple[Answerer, Conflicts]:
        """What answers, built once: from Python 3.12 on, a cached property by itself lets two threads build it."""
        with self._guard:
            return self._answerer, self._conflicts

    def _checked(self, question: str, filters: Filters) -> str:
        question = check_question(question, longest=self.settings.max_question_chars)
        self._check_filters(filters)
        return question

    def _check_filters(self, filters: Filters) -> None:
        corpus = self._reading()
        if not corpus.count():
            raise CorpusEmpty(self.settings.home)
        check_filters(filters, sources=list(corpus.sources()) if filters.sources else ())

    @cached_property
    def _static(self) -> StaticEmbedder:
        return StaticEmbedder()

    @cached_property
    def _embedder(self) -> Embedder:
        settings = self.settings
        match settings.embedder:
            case "static":
                return self._static
            case "minilm":
                return MiniLMEmbedder()
            case "openai":
                # The settings refuse this embedder without these two.
                assert settings.embedding_base_url and settings.embedding_model  # noqa: S101
                return EndpointEmbedder(
                    base_url=settings.embedding_base_url,
                    model=settings.embedding_model,
                    api_key=settings.embedding_api_key,
                )

    def _completed(self, question: str, history: Sequence[Turn]) -> str:
        if not history or self._model is None:
            return full_question(question, history)
        from rag.llm import Deadline

        return full_question(
            question, history, model=self._model, deadline=Deadline(self.settings.llm_deadline)
        )

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon(self._static)

    @cached_property
    def _conflicts(self) -> Conflicts:
        return Conflicts(self._reader, self._lexicon)

    @cached_property
    def _reader(self) -> Reader:
        return Reader()

    @cached_property
    def _model(self) -> "LanguageModel | None":
        settings = self.settings
        if not settings.llm_model:
            return None
        # Takes 2 s to import, which an answer without a language model need not pay; so does what uses it.
        from rag.llm import LanguageModel

        key = settings.llm_api_key
        return LanguageModel(
            name=settings.llm_model,
            base_url=settings.llm_base_url,
            api_key=key.get_secret_value() if key else None,
            context=settings.llm_context,
            max_tokens=settings.llm_max_tokens,
            timeout=settings.llm_timeout,
        )

    @cached_property
    def _answerer(self) -> Answerer:
        settings = self.settings
        extractive = ExtractiveAnswerer(self._reader, self._lexicon)
        if self._model is None:
            return extractive
        from rag.answering.generative import GenerativeAnswerer
        from rag.answering.relevance import Relevance
        from rag.answering.verification import Verifier

        return GenerativeAnswerer(
            self._model,
            verifier=Verifier(MiniLMEmbedder(), Entailment()),
            relevance=Relevance(self._reader, self._lexicon),
            fallback=extractive,
            strategy=settings.llm_strategy,
            check_with_model=settings.verifier == "llm",
            unsupported=settings.unsupported,
            seconds=settings.llm_deadline,
        )


def _state(probe: Callable[[], object]) -> str:
    try:
        probe()
    except CorpusEmpty:
        return "ok"
    except DatelineError as error:
        _log.warning("not ready: %s", error)
        return type(error).__name__
    return "ok"
