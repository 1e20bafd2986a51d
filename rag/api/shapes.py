"""What clients send, checked. Unknown members are refused: a misspelt filter must not be a filter ignored."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, model_validator

from rag.chat import Turn
from rag.domain import Filters

MOST_SOURCES, MOST_TURNS = 100, 50
LONGEST = 20_000  # characters of an earlier question or answer; the settings bound the question itself
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _written_day(value: object) -> object:
    """Pydantic would also take a number of seconds since 1970 for a day."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("write the day as 2019-01-20")
    if isinstance(value, int | float):
        raise ValueError("write the day as a string such as 2019-01-20")  # noqa: TRY004 - pydantic wants ValueError
    return value


Day = Annotated[date, BeforeValidator(_written_day)]
Text = Annotated[str, Field(max_length=LONGEST)]


class Restricted(BaseModel):
    """What an answer may draw on."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day | None = Field(None, description="Ask as on this day: later articles do not exist yet.")
    since: Day | None = Field(None, description="Only articles of this day or later.")
    until: Day | None = Field(None, description="Only articles of this day or earlier.")
    sources: list[Annotated[str, Field(min_length=1, max_length=300)]] = Field(
        default=[], max_length=MOST_SOURCES, description="Only articles of these publishers; empty: of all."
    )

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since is after until")
        if self.since and self.as_of and self.since > self.as_of:
            raise ValueError("since is after as_of: nothing was published then")
        return self

    def filters(self) -> Filters:
        """The same as a record."""
        return Filters(since=self.since, until=self.until, sources=tuple(self.sources), as_of=self.as_of)


class Earlier(BaseModel):
    """One turn of the conversation so far."""

    model_config = ConfigDict(extra="forbid")

    question: Text
    answer: Text = ""


class Asking(Restricted):
    """A question."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"question": "How many civilians were killed in Friday's strike?"}},
    )

    question: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    history: list[Earlier] = Field(
        default=[], max_length=MOST_TURNS, description="The conversation so far, oldest turn first."
    )
    stream: StrictBool = Field(
        default=False, description="Answer as server-sent events, each as soon as it is known."
    )

    def turns(self) -> list[Turn]:
        """The history as records."""
        return [Turn(question=turn.question, answer=turn.answer) for turn in self.history]


class Searching(Restricted):
    """A search for passages."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"question": "letters to the United Nations", "limit": 3}},
    )

    question: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    limit: Annotated[StrictInt, Field(ge=1, le=100)] = 10


class Judging(BaseModel):
    """Feedback on an answer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"answer_id": "ans_0123456789abcdef", "rating": "like"}}
    )

    answer_id: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
    rating: Literal["like", "dislike"]
    question: Text | None = None
    comment: Annotated[str, Field(max_length=2_000)] | None = None
