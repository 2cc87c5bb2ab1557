"""Charts as SVG that the server draws: bars by day, in parts, and a line of what was allowed.

Nothing in them is inline code: shapes carry their places as attributes, and their colours come from classes
(`static/charts.css`), so that the policy of our pages holds, and light and dark are the reader's. A chart is one image
with a title and a description; the same figures stand in a table behind it, which is what whoever cannot see it reads.

A day of which nothing is known has no bar, which is not a bar of nothing: it is drawn as a gap with a mark below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from deliverwatch.core.visible import visible
from deliverwatch.render.tongue import number

_WIDTH, _HEIGHT = 420, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 6, 12, 26
_PLOT_WIDTH, _PLOT_HEIGHT = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_BETWEEN = 0.2
"""Of a day's width, what is left empty."""
_MOST_LABELS = 5
_STEPS = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """`tone`: its class. `values`: one for each label; None: not known."""

    name: str
    tone: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """`id`: unique on its page, for the names of its parts. `labels`: of the days, oldest first. `bars`: lie upon each
    other, the first at the bottom. `line`: drawn over them, in steps."""

    id: str
    title: str
    description: str
    labels: Sequence[str]
    bars: Sequence[Series]
    line: Series | None = None

    @property
    def series(self) -> tuple[Series, ...]:
        """As the table behind it has them."""
        return (*self.bars, self.line) if self.line is not None else tuple(self.bars)

    @property
    def rows(self) -> list[tuple[str, tuple[int | None, ...]]]:
        """Newest first."""
        return [(label, tuple(each.values[day] for each in self.series)) for day, label in enumerate(self.labels)][::-1]

    @property
    def svg(self) -> Markup:
        return Markup(_svg(self))  # noqa: S704 - each text is escaped where it enters


def highest(chart: Chart) -> int:
    """The top of the scale: a round number that nothing is above."""
    stacked = [sum(each.values[day] or 0 for each in chart.bars) for day in range(len(chart.labels))]
    lines = [value for value in chart.line.values if value is not None] if chart.line is not None else []
    most = max((*stacked, *lines), default=0)
    power = 10 ** max(len(str(most)) - 1, 0)
    return next((round(step * power) for step in _STEPS if step * power >= max(most, 4)), 10)


def _svg(chart: Chart) -> str:
    top = highest(chart)
    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="{_name(chart, "title")} {_name(chart, "description")}">',
        f'<title id="{_name(chart, "title")}">{_text(chart.title)}</title>',
        f'<desc id="{_name(chart, "description")}">{_text(chart.description)}</desc>',
        *_scale(top),
    ]
    for day in range(len(chart.labels)):
        parts += _day(chart, day, top)
    if chart.line is not None:
        parts.append(_line(chart.line, len(chart.labels), top))
    return "".join([*parts, *_labels(chart.labels), "</svg>"])


def _scale(top: int) -> list[str]:
    parts = []
    for share in (0, 0.5, 1):
        y = _y(round(top * share), top)
        parts.append(f'<line class="chart-rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>')
        value = _text(number(round(top * share)))
        parts.append(f'<text class="chart-text" x="{_LEFT - 6}" y="{y + 4:g}" text-anchor="end">{value}</text>')
    return parts


def _day(chart: Chart, day: int, top: int) -> list[str]:
    width = _PLOT_WIDTH / len(chart.labels)
    x, values = _LEFT + day * width, [each.values[day] for each in chart.bars]
    if all(value is None for value in values):
        middle = x + width / 2
        return [f'<text class="chart-unknown" x="{middle:.1f}" y="{_y(0, top) - 4:g}" text-anchor="middle">?</text>']
    parts, below = [], 0
    for series, value in zip(chart.bars, values, strict=True):
        if value:
            y, base = _y(below + value, top), _y(below, top)
            parts.append(
                f'<rect class="chart-{series.tone}" x="{x + width * _BETWEEN / 2:.1f}" y="{y}" '
                f'width="{width * (1 - _BETWEEN):.1f}" height="{max(base - y, 0.5):.1f}"/>'
            )
            below += value
    return parts


def _line(line: Series, days: int, top: int) -> str:
    """In steps, a day each; broken where it is not known."""
    width, moves, drawn = _PLOT_WIDTH / days, [], False
    for day, value in enumerate(line.values):
        if value is not None:
            x, y = _LEFT + day * width, _y(value, top)
            moves.append(f"{'L' if drawn else 'M'}{x:.1f} {y}H{x + width:.1f}")
        drawn = value is not None
    return f'<path class="chart-line chart-{line.tone}" d="{"".join(moves)}"/>' if moves else ""


def _labels(labels: Sequence[str]) -> list[str]:
    """A few, evenly; the first and the last among them."""
    count, width = len(labels), _PLOT_WIDTH / max(len(labels), 1)
    shown = sorted({round(place * (count - 1) / (_MOST_LABELS - 1)) for place in range(_MOST_LABELS)}) if count else []
    parts = []
    for day in shown:
        anchor = "start" if day == 0 and count > 1 else "end" if day == count - 1 and count > 1 else "middle"
        x = _LEFT + width * {"start": day, "middle": day + 0.5, "end": day + 1}[anchor]
        words = _text(labels[day])
        parts.append(f'<text class="chart-text" x="{x:.1f}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{words}</text>')
    return parts


def _y(value: int, top: int) -> float:
    return round(_TOP + _PLOT_HEIGHT * (1 - value / top), 1)


def _name(chart: Chart, part: str) -> str:
    return escape(f"{chart.id}-{part}")


def _text(text: str) -> str:
    return escape(visible(text))
