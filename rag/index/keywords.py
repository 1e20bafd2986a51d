"""The keyword index: tantivy, BM25 over passages and their articles' titles, with the filters inside."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from math import log
from pathlib import Path
from typing import cast

import tantivy
from tantivy import Filter, Occur, Query, Tokenizer

from rag.dates import find_dates
from rag.domain import Filters
from rag.index.database import chunked, translated
from rag.index.rows import Entry
from rag.index.spellings import Spellings
from rag.names import name_words, other_names, patterns, sounds

ANALYZER = "news"
# Of what is indexed and how; an index of another form is built anew from the record by the next writer.
FORM = "3: events, names"
# One thread, so that documents keep their order; the smallest memory that tantivy accepts for one thread is
# 15 MB.
WRITER_THREADS = 1
WRITER_BYTES = 64_000_000
# A word in the title counts half of one in the passage, on top of it. On RealTimeQA's development questions
# (102 with a gold article among 3,784) the mean reciprocal rank is 0.466 without titles, 0.577 with half,
# 0.563 with full weight.
TITLE_WEIGHT = 0.5
# What a name is worth in another spelling, next to the word itself: with the same consonants, with the vowels in the
# same places too, nearly so, and under another name.
SAME_SOUND, SAME_PATTERN, ALIKE, OTHER_NAME = 0.5, 0.8, 0.8, 0.5
# Terms a question may bring; a longer one is searched by its first terms.
MAX_TERMS = 64
# Days that one expression may span to count as the days of an event; a month or a year says too little.
EVENT_DAYS = 7
DAY = tantivy.FieldType.Integer


class Keywords:
    """The words of passages, by passage key, in one folder; without a folder, in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._schema = _schema()
        self._analyzer = _analyzer(frozenset())
        self._question_analyzer = _analyzer(STOP_WORDS)
        self._spellings = Spellings()
        self._writer: tantivy.IndexWriter | None = None
        with self._translated():
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(self._schema, None if folder is None else str(folder))
            self._index.register_tokenizer(ANALYZER, self._analyzer)
            self._index.config_reader("manual")

    def add(self, entries: Sequence[Entry]) -> None:
        """Index passages; they are found after the next `commit`."""
        with self._translated():
            writer = self._writing()
            for entry in entries:
                writer.add_document(_document(entry))

    def delete(self, keys: Sequence[int]) -> None:
        """Remove passages at the next `commit`; a key that is not there is no error."""
        with self._translated():
            writer = self._writing()
            for some in chunked(keys):
                # By query: deleting numbers by term deletes nothing in tantivy 0.27.
                writer.delete_documents_by_query(Query.term_set_query(self._schema, "key", some))

    def commit(self) -> None:
        """Make what was added and deleted durable and visible."""
        with self._translated():
            if self._writer is not None:
                self._writer.commit()
            self._index.reload()

    def reload(self) -> None:
        """See what another process has committed."""
        with self._translated():
            self._index.reload()

    def present(self, keys: Sequence[int]) -> set[int]:
        """Which of these passages are in."""
        found: set[int] = set()
        with self._translated():
            searcher = self._index.searcher()
            for some in chunked(keys):
                query = Query.term_set_query(self._schema, "key", some)
                addresses = [address for _, address in searcher.search(query, len(some), count=False).hits]
                found.update(cast("list[int]", searcher.fast_field_values("key", addresses)))
        return found

    def count(self) -> int:
        """How many passages are in, deleted ones excepted."""
        with self._translated():
            return self._index.searcher().num_docs

    def matching(
        self, question: str, k: int, filters: Filters, days: Sequence[tuple[date, date]] = ()
    ) -> list[tuple[int, float]]:
        """The `k` passage keys with the highest BM25 for any of the question's words, with their scores.

        With `days` (first and last of each time), those of passages that name such a day, whatever their words.
        More than `k` come back when the last of them share one score, so that the caller can order ties.
        """
        with self._translated():
            query = self._query(question, filters, days)
            searcher = self._index.searcher()
            wanted = k + 1
            while True:
                hits = searcher.search(query, limit=wanted, count=False).hits
                if len(hits) < wanted or hits[-1][0] < hits[k - 1][0]:
                    break
                wanted *= 2
            keys = searcher.fast_field_values("key", [address for _, address in hits])
        return [(cast("int", key), score) for key, (score, _) in zip(keys, hits, strict=True)]

    def rarity(self, stems: Iterable[str]) -> dict[str, float]:
        """The inverse document frequency of words in the passages' text, as BM25 counts it."""
        with self._translated():
            searcher = self._index.searcher()
            held = searcher.num_docs
            counts = {stem: searcher.doc_freq("text", _text(stem)) for stem in stems}
        return {stem: log(1 + (max(0, held - count) + 0.5) / (count + 0.5)) for stem, count in counts.items()}

    def close(self) -> None:
        """End the writer, if there is one; what was not committed is dropped."""
        if self._writer is not None:
            with self._translated():
                self._writer.wait_merging_threads()
            self._writer = None

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(WRITER_BYTES, WRITER_THREADS)
        return self._writer

    def _query(self, question: str, filters: Filters, days: Sequence[tuple[date, date]]) -> Query:
        """The question's terms, any of them, among the passages that the filters let pass.

        Built from query objects: nothing that a question may contain is syntax.
        """
        question = _text(question)
        asked = self._question_analyzer.analyze(question) or self._analyzer.analyze(question)
        unique = list(dict.fromkeys(asked))[:MAX_TERMS]
        if not unique and not days:
            return Query.empty_query()
        # Side by side, not a query for each term: tantivy merges these in a third less time.
        terms = [query for term in unique for query in self._term(term)]
        words = [(Occur.Should, query) for query in (*terms, *self._variants(question))]
        conditions = [
            (occur, Query.const_score_query(query, 0.0)) for occur, query in self._conditions(filters, days)
        ]
        if days:
            return Query.boolean_query([*words, *conditions])
        if not conditions:
            return Query.boolean_query(words)
        return Query.boolean_query([(Occur.Must, Query.boolean_query(words)), *conditions])

    def _term(self, term: str) -> Iterator[Query]:
        yield Query.term_query(self._schema, "text", term, "freq")
        yield Query.boost_query(Query.term_query(self._schema, "title", term, "freq"), TITLE_WEIGHT)

    def _variants(self, question: str) -> Iterator[Query]:
        """The question's names in other spellings and under other names, each weaker than the word itself."""
        searcher = self._index.searcher()
        for name in dict.fromkeys(name_words(question)):
            alike = [("sounds", each, SAME_SOUND) for each in sounds(name)]
            alike += [("names", each, SAME_PATTERN) for each in patterns(name)]
            if not all(searcher.doc_freq("text", term) for term in self._analyzer.analyze(name)):
                near = self._spellings.near(patterns(name), searcher)
                alike += [("names", each, ALIKE * likeness) for each, likeness in near]
            # The best of the spellings counts, not how many of them a passage has.
            queries = [
                Query.boost_query(Query.term_query(self._schema, field, each), weight)
                for field, each, weight in alike
            ]
            if queries:
                yield Query.disjunction_max_query(queries, 0.3)
        for other in other_names(question):
            terms = [Query.term_query(self._schema, "text", term) for term in self._analyzer.analyze(other)]
            yield Query.boost_query(Query.boolean_query([(Occur.Must, term) for term in terms]), OTHER_NAME)

    def _conditions(
        self, filters: Filters, days: Sequence[tuple[date, date]]
    ) -> Iterator[tuple[Occur, Query]]:
        if days:
            spans = [(first.toordinal(), last.toordinal()) for first, last in days]
            ranges = [Query.range_query(self._schema, "events", DAY, first, last) for first, last in spans]
            yield Occur.Must, Query.boolean_query([(Occur.Should, each) for each in ranges])
        if filters.since is not None or filters.until is not None:
            since = None if filters.since is None else filters.since.toordinal()
            until = None if filters.until is None else filters.until.toordinal()
            yield Occur.Must, Query.range_query(self._schema, "published", DAY, since, until)
        if filters.as_of is not None:
            later = filters.as_of.toordinal() + 1
            yield Occur.MustNot, Query.range_query(self._schema, "published", DAY, later, None)
        if filters.sources:
            names = sorted({_source_term(source.casefold()) for source in filters.sources})
            yield Occur.Must, Query.term_set_query(self._schema, "source", names)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(self._folder or Path("keywords"), "the keyword index"):
            yield


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=ANALYZER, index_option="freq")
    builder.add_text_field("title", tokenizer_name=ANALYZER, index_option="freq")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("published", indexed=True, fast=True)
    builder.add_integer_field("events", indexed=True)
    builder.add_text_field("names", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("sounds", tokenizer_name="raw", index_option="basic")
    return builder.build()


def _analyzer(stop_words: frozenset[str]) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(Tokenizer.simple())
    builder = builder.filter(Filter.remove_long(80)).filter(Filter.lowercase()).filter(Filter.ascii_fold())
    if stop_words:
        builder = builder.filter(Filter.custom_stopword(sorted(stop_words)))
    return builder.filter(Filter.stemmer("english")).build()


def _document(entry: Entry) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("key", entry.key)
    document.add_text("text", entry.text)
    if entry.title is not None:
        document.add_text("title", entry.title)
    if entry.source_key is not None:
        document.add_text("source", _source_term(entry.source_key))
    if entry.published is not None:
        document.add_integer("published", entry.published.toordinal())
    for number in _event_days(entry):
        document.add_integer("events", number)
    named = set(name_words(_text(entry.text if entry.title is None else f"{entry.title}\n{entry.text}")))
    for form in sorted({form for name in named for form in patterns(name)}):
        document.add_text("names", form)
    for form in sorted({form for name in named for form in sounds(name)}):
        document.add_text("sounds", form)
    return document


def _event_days(entry: Entry) -> list[int]:
    """The days that a passage names, seen from the day its article was published."""
    numbers: set[int] = set()
    for each in find_dates(entry.text, entry.published):
        if each.first and each.last and (each.last - each.first).days < EVENT_DAYS:
            numbers.update(range(each.first.toordinal(), each.last.toordinal() + 1))
    return sorted(numbers)


def _source_term(source_key: str) -> str:
    """A source as one term; tantivy drops terms above 65,530 bytes."""
    return _text(source_key[:1_000])


def _text(text: str) -> str:
    """The text without halves of surrogate pairs, which UTF-8 cannot write."""
    return text.encode("utf-8", "replace").decode("utf-8")


# Words that a question is built from and that say nothing about what it asks for. Not among them: "us", which
# is the United States as often as ourselves, and words of time and place such as "before" and "over".
STOP_WORDS = frozenset(
    """a am an and any are as at be been being both but by can could did do does doing for from had happen
    happened has have having he her hers him his how i if in into is it its me my of on or our ours s she should so
    some such t than that the their theirs them then there these they this those to too very was we were what when where
    which while who whom whose why will with would you your yours""".split()
)
