"""The tables of the record, in SQL that SQLite and PostgreSQL both speak.

Keys are whole numbers that the store hands out and never uses twice; Chroma and tantivy know a passage by its
key alone. An article has one `live` row, which answers, perhaps a `pending` one that will take its place once its
vectors and keywords are in, and one for each former version of its text: those have states above `LIVE`. While a
reindex makes them anew, they are pending too, with the negative of their state.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = "2"
# Schemas that lack nothing but tables of this one: a writer makes those, and the next update fills them.
OLDER_SCHEMAS = frozenset({"1"})
PENDING, LIVE = 0, 1

# In SQLite only a column declared INTEGER is the table's own order, found without an index beside it.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

articles = Table(
    "articles",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body_start", Integer, nullable=False),
    Column("title", Text),
    Column("published", Date),
    Column("source", Text),
    Column("source_key", Text),  # case folded: SQLite's own lower() knows ASCII only
    Column("byline", Text),
    Column("dateline", Text),
    Column("origins", Text, nullable=False),  # a JSON list
    Column("url", Text),
    Column("language", Text),
    UniqueConstraint("id", "state"),
    Index("articles_sha256", "sha256"),
)

# Which of an article's texts a row of `articles` holds; see `rag.index.versions`.
versions = Table(
    "versions",
    metadata,
    Column("article_key", Key, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),  # 1 for the first
    Column("seen", Date),  # the day on which it was taken in; null: by a release that did not note it
    Column("since", Date),  # the first day on which it stood; null: it is undated
    Column("until", Date),  # the day from which the next one stood; null: it still stands
    Index("versions_number", "number"),
    Index("versions_until", "until"),
)

# Apart from `articles`, so that a look at ids and dates does not read past kilobytes of text for each row.
texts = Table(
    "texts",
    metadata,
    Column("article_key", Key, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)

passages = Table(
    "passages",
    metadata,
    Column("key", Key, primary_key=True, autoincrement=False),
    Column("article_key", Key, nullable=False),
    Column("id", Text, nullable=False),
    Column("begins", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    Index("passages_article", "article_key"),
    Index("passages_id", "id"),
)

# Apart from `passages`, for the same reason.
embeddings = Table(
    "embeddings",
    metadata,
    Column("passage_key", Key, primary_key=True, autoincrement=False),
    Column("vector", LargeBinary, nullable=False),  # float32, little-endian
)

# Passages that are gone from the record but may still be in Chroma and tantivy.
tombstones = Table("tombstones", metadata, Column("passage_key", Key, primary_key=True, autoincrement=False))

# What is made of articles to find those that tell one story; see `rag.index.stories`. A row whose article is gone
# waits for the next update.
signatures = Table(
    "signatures",
    metadata,
    Column("article_key", Key, primary_key=True, autoincrement=False),
    Column("signature", LargeBinary, nullable=False),
    Column("links", LargeBinary),  # the articles like it; null: it has not been compared yet
)

# Which story an article belongs to; one that no other article tells is in none.
stories = Table(
    "stories",
    metadata,
    Column("article_key", Key, primary_key=True, autoincrement=False),
    Column("story", Key, nullable=False),  # the key of one of its articles
    Column("copies", Key),  # the same for articles with nearly the same text; null: there is no other
    Column("central", Float, nullable=False),  # how much it is like the others, summed up
    Index("stories_story", "story"),
)

# Files whose every document is in, so that an unchanged one need not be read again.
files = Table(
    "files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("mtime_ns", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the bytes
    Column("reader", Text, nullable=False),  # how it was read: a change of this means reading it again
)

# Which documents each of those files holds, and the article under which each one's text is kept.
holdings = Table(
    "holdings",
    metadata,
    Column("path", Text, primary_key=True),
    Column("row", Integer, primary_key=True),  # 0: the file is one document
    Column("article_id", Text, nullable=False),
    Column("held_as", Text, nullable=False),  # another id than article_id: the text is a duplicate
    Column("named", Boolean, nullable=False),  # whether the format gave the id, rather than the file's name
    Index("holdings_article", "article_id"),
    Index("holdings_held_as", "held_as"),
)

meta = Table(
    "meta", metadata, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False)
)
