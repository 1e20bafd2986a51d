"""Articles over time: how many each outlet published, by day, month or year, as bars of one drawing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Step = Literal["day", "month", "year"]

MOST_BARS = 120  # more are thinner than a finger or a mouse pointer
OUTLETS = 5  # with a colour of their own: more colours cannot be told apart
WIDTH, HEIGHT = 960, 160  # of the drawing, in its own units


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One outlet's share of a bar, in units of the drawing."""

    outlet: str
    number: int  # of articles
    rank: int  # of the outlet, from 0; the last stands for all others
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """All articles of one step."""

    label: str  # "2019-01-20", "2019-01" or "2019"
    number: int
    x: float
    width: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What the drawing shows."""

    step: Step
    bars: tuple[Bar, ...]  # those with articles; the room between them tells the gaps
    outlets: tuple[tuple[str, int], ...]  # of the legend with their articles, most first
    most: int  # articles of the highest bar
    undated: int  # articles that are on no bar


def draw(counts: Iterable[tuple[date, str | None, int]], *, undated: int = 0) -> Timeline:
    """The timeline of (day, outlet, articles); as fine as fits.

    >>> drawn = draw([(date(2019, 1, 18), "SANA", 2), (date(2019, 1, 20), None, 1)])
    >>> drawn.step, [(bar.label, bar.number) for bar in drawn.bars]
    ('day', [('2019-01-18', 2), ('2019-01-20', 1)])
    """
    rows = [(day, outlet or "outlet not named", number) for day, outlet, number in counts]
    if not rows:
        return Timeline(step="day", bars=(), outlets=(), most=0, undated=undated)
    step = _step(min(row[0] for row in rows), max(row[0] for row in rows))
    totals: Counter[str] = Counter()
    by_place: dict[int, Counter[str]] = {}
    for day, outlet, number in rows:
        totals[outlet] += number
        by_place.setdefault(_place(day, step), Counter())[outlet] += number
    ranked = [outlet for outlet, _ in sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))]
    named = ranked if len(ranked) <= OUTLETS + 1 else ranked[:OUTLETS]
    legend = [(outlet, totals[outlet]) for outlet in named]
    if len(named) < len(ranked):
        legend.append(("all others", sum(totals[outlet] for outlet in ranked[len(named) :])))
    first, last = min(by_place), max(by_place)
    most = max(counter.total() for counter in by_place.values())
    width = WIDTH / (last - first + 1)
    bars = tuple(
        Bar(
            label=_label(place, step),
            number=counter.total(),
            x=round((place - first) * width, 2),
            width=round(min(width * 0.86, 40), 2),
            pieces=_pieces(counter, named, most),
        )
        for place, counter in sorted(by_place.items())
    )
    return Timeline(step=step, bars=bars, outlets=tuple(legend), most=most, undated=undated)


def _pieces(counter: Counter[str], named: list[str], most: int) -> tuple[Piece, ...]:
    shares: Counter[str] = Counter()
    for outlet, number in counter.items():
        shares[outlet if outlet in named else "all others"] += number
    pieces, top = [], float(HEIGHT)
    for rank, outlet in enumerate([*named, "all others"]):
        if number := shares[outlet]:
            height = number / most * HEIGHT
            top -= height
            pieces.append(
                Piece(outlet=outlet, number=number, rank=rank, y=round(top, 2), height=round(height, 2))
            )
    return tuple(pieces)


def _step(first: date, last: date) -> Step:
    if (last - first).days < MOST_BARS:
        return "day"
    return "month" if _place(last, "month") - _place(first, "month") < MOST_BARS else "year"


def _place(day: date, step: Step) -> int:
    """Where a day's bar stands, counted in steps."""
    match step:
        case "day":
            return day.toordinal()
        case "month":
            return day.year * 12 + day.month - 1
        case "year":
            return day.year


def _label(place: int, step: Step) -> str:
    match step:
        case "day":
            return date.fromordinal(place).isoformat()
        case "month":
            return f"{place // 12:04}-{place % 12 + 1:02}"
        case "year":
            return f"{place:04}"
