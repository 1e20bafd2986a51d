"""Plots as inline SVG: no script, no library, nothing to fetch. Colours are the page's own (`--run0`, `--run1`, …)."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 720
LEFT = 190  # for names
RIGHT = 70  # for numbers
RUN_COLOURS = 4  # that the page defines


@dataclass(frozen=True, slots=True)
class Series:
    """One run's part of a plot."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its interval."""

    value: float
    low: float
    high: float


def intervals(names: Sequence[str], runs: Sequence[Sequence[Bar | None]], labels: Sequence[str]) -> str:
    """Each metric a row: a dot for each run on an axis from 0 to 1, with its interval as a line."""
    row = 12 + 14 * len(runs)
    height = row * len(names) + 30
    parts = [_grid(height - 30)]
    for place, name in enumerate(names):
        top = place * row
        parts.append(_text(LEFT - 12, top + row / 2 + 4, name, anchor="end"))
        for run, bars in enumerate(runs):
            bar = bars[place]
            if bar is None:
                continue
            y = top + 13 + 14 * run
            parts.append(
                f'<line class="r{run % RUN_COLOURS}" x1="{_x(bar.low)}" x2="{_x(bar.high)}" y1="{y}" y2="{y}" '
                'stroke-width="3" stroke-linecap="round" opacity=".45"/>'
                f'<circle class="r{run % RUN_COLOURS}" cx="{_x(bar.value)}" cy="{y}" r="5">'
                f"<title>{escape(f'{labels[run]}: {bar.value:.3f} [{bar.low:.3f}, {bar.high:.3f}]')}</title></circle>"
            )
            parts.append(_text(WIDTH - RIGHT + 14, y + 4, f"{bar.value:.3f}", kind="number"))
    return _svg(height, parts, "Score of each metric with its 95 % interval")


def curve(series: Sequence[Series]) -> str:
    """Shares over the ranks 1, 2, …: how many questions have a gold passage by then."""
    height, bottom = 266, 220
    ranks = max((len(each.values) for each in series), default=0)
    if not ranks:
        return ""
    step = (WIDTH - 60 - RIGHT) / max(1, ranks - 1)

    def spot(place: int, value: float) -> tuple[float, float]:
        return round(60 + place * step, 1), round(bottom - 200 * value, 1)

    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = spot(0, share)[1]
        parts.append(f'<line class="grid" x1="60" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(_text(50, y + 4, f"{share:g}", anchor="end"))
    parts += [
        _text(spot(place, 0)[0], bottom + 20, str(place + 1), anchor="middle") for place in range(ranks)
    ]
    parts.append(_text(WIDTH - RIGHT, height - 6, "passages read", anchor="end"))
    for run, each in enumerate(series):
        spots = [spot(place, value) for place, value in enumerate(each.values) if value is not None]
        path = " ".join(f"{x},{y}" for x, y in spots)
        parts.append(f'<polyline class="r{run % RUN_COLOURS} line" points="{path}"/>')
        title = f"<title>{escape(each.name)}</title>"
        parts += [
            f'<circle class="r{run % RUN_COLOURS}" cx="{x}" cy="{y}" r="3.5">{title}</circle>'
            for x, y in spots
        ]
    return _svg(height, parts, "Share of questions with a gold passage among the first n")


def waiting(series: Sequence[Series]) -> str:
    """Share of questions answered within a time: one rising line for each run."""
    height, bottom = 260, 220
    longest = max((value for each in series for value in each.values if value is not None), default=0.0)
    if not longest:
        return ""
    width = WIDTH - 60 - RIGHT
    parts = []
    for share in (0.0, 0.5, 0.95, 1.0):
        y = bottom - 200 * share
        parts.append(f'<line class="grid" x1="60" x2="{WIDTH - RIGHT}" y1="{y:g}" y2="{y:g}"/>')
        parts.append(
            _text(50, y + (10 if share == 0.95 else 4 if share < 1 else 0), f"{share:g}", anchor="end")
        )
    for part in range(5):
        ms = longest * part / 4
        parts.append(_text(60 + width * part / 4, bottom + 20, _duration(ms), anchor="middle"))
    for run, each in enumerate(series):
        ordered = sorted(value for value in each.values if value is not None)
        spots = [
            f"{60 + width * ms / longest:.1f},{bottom - 200 * rank / len(ordered):.1f}"
            for rank, ms in enumerate(ordered, start=1)
        ]
        parts.append(f'<polyline class="r{run % RUN_COLOURS} line" points="60,{bottom} {" ".join(spots)}"/>')
    return _svg(height, parts, "Share of questions answered within a time")


def _grid(height: float) -> str:
    lines = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = _x(share)
        lines.append(f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{height}"/>')
        lines.append(_text(x, height + 20, f"{share:g}", anchor="middle"))
    return "".join(lines)


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def _duration(ms: float) -> str:
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms:.0f} ms"


def _svg(height: float, parts: Sequence[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
