"""Ranges of assumed numbers, and what is drawn from them."""

from __future__ import annotations

import math


def triangle(low: float, value: float, high: float, quantile: float) -> float:
    """Read a value off the triangle from the lower end over the usual value to the upper end.

    Parameters
    ----------
    low, value, high
        Lower end, most likely value and upper end.
    quantile
        In [0, 1].

    Returns
    -------
    float
        The value at that quantile; the usual one where there is no range.

    Examples
    --------
    >>> triangle(0.0, 1.0, 2.0, 0.5)
    1.0
    """
    if high <= low:
        return value
    turn = (value - low) / (high - low)
    if quantile < turn:
        return low + math.sqrt(quantile * (high - low) * (value - low))
    return high - math.sqrt((1 - quantile) * (high - low) * (high - value))
