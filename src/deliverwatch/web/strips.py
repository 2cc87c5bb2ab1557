"""A strip of time as SVG: what was verified stands tall, what was not stands low, and where nobody looked is a hole.

Colour is never all that tells them apart, and a table with the same figures stands below it. No style and no script is
inline: classes are coloured by the page's own style sheet.
"""

from collections.abc import Iterable
from datetime import datetime

from markupsafe import Markup

from deliverwatch.core.round_stretches import Stretch

_WIDTH, _HEIGHT, _LOW = 700, 40, 16

_STRIP = Markup(
    '<svg class="strip" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img" aria-label="{label}">'
    '<rect class="ground" x="0" y="{height}" width="{width}" height="2"/>{bars}</svg>'
)
_BAR = Markup('<rect class="{kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}"/>')


def strip(stretches: Iterable[Stretch], begin: datetime, end: datetime, label: str) -> Markup:
    """`label`: what it shows, for who does not see it."""
    bars = Markup("").join(_bar(each, begin, end) for each in stretches if each.end > begin and each.begin < end)
    return _STRIP.format(width=_WIDTH, height=_HEIGHT, label=label, bars=bars)


def _bar(stretch: Stretch, begin: datetime, end: datetime) -> Markup:
    left = _WIDTH * ((max(stretch.begin, begin) - begin) / (end - begin))
    right = _WIDTH * ((min(stretch.end, end) - begin) / (end - begin))
    height = _HEIGHT if stretch.verified else _LOW
    kind = "verified" if stretch.verified else "unverified"
    return _BAR.format(kind=kind, x=left, y=_HEIGHT - height, width=max(right - left, 1.0), height=height)
