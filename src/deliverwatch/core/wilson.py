"""How sure a share is that was counted on few: the Wilson score interval (E. B. Wilson, 1927).

Three refusals in four attempts are 75 %, and so are 3,000 in 4,000; only the second says so. The bounds are those
between which the true share lies in 19 of 20 cases. Unlike the usual "plus or minus" they stay within 0 and 1 and hold
for a handful of attempts.
"""

from math import sqrt

_Z = 1.96
"""Standard deviations of a normal distribution that hold 95 % of it."""


def lower_bound(found: int, of: int) -> float:
    """Of a share of `found` in `of`; 0 when nothing was counted."""
    middle, reach = _interval(found, of)
    return max(middle - reach, 0.0)


def upper_bound(found: int, of: int) -> float:
    """1 when nothing was counted."""
    middle, reach = _interval(found, of)
    return min(middle + reach, 1.0)


def _interval(found: int, of: int) -> tuple[float, float]:
    """The middle and how far it reaches to either side. More found than there were is all of them."""
    if of <= 0:
        return 0.5, 0.5
    share = min(found, of) / of
    weight = 1 + _Z * _Z / of
    middle = (share + _Z * _Z / (2 * of)) / weight
    reach = _Z * sqrt(share * (1 - share) / of + _Z * _Z / (4 * of * of)) / weight
    return middle, reach
