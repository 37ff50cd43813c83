"""Splitting cents exactly: everybody gets the whole cents of their proportion, the largest remainders the rest."""

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

K = TypeVar("K", UUID, str)


def split_in_proportion(cents: int, weights: Mapping[K, int]) -> dict[K, int]:
    """Split `cents` by whole weights of zero or more; the parts add up to `cents` (largest remainder, then the key).

    The order of the mapping changes nothing. Refuses (`ValueError`) weights that say nothing.
    """
    total = sum(weights.values())
    if cents < 0 or total <= 0 or min(weights.values()) < 0:
        raise ValueError("nothing to split by")
    split = {key: cents * weight // total for key, weight in weights.items()}
    missing = cents - sum(split.values())
    for key in sorted(weights, key=lambda k: (-(cents * weights[k] % total), k))[:missing]:
        split[key] += 1
    return {key: part for key, part in split.items() if part}
