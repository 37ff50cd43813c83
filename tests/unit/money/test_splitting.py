"""Splitting cents: exact, fair to a cent, and the same whatever order the parts come in."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from money.splitting import split_in_proportion

WEIGHTS = st.dictionaries(st.uuids(), st.integers(0, 10**9), min_size=1, max_size=12).filter(lambda w: sum(w.values()))


@given(st.integers(0, 10**9), WEIGHTS)
def test_the_parts_add_up_and_each_is_less_than_a_cent_from_its_proportion(
    cents: int, weights: dict[UUID, int]
) -> None:
    split = split_in_proportion(cents, weights)
    assert sum(split.values()) == cents
    total = sum(weights.values())
    for key, weight in weights.items():
        assert abs(split.get(key, 0) * total - cents * weight) < total
    assert all(part > 0 and weights[key] for key, part in split.items())


@given(st.integers(0, 10**6), WEIGHTS, st.randoms())
def test_the_order_changes_nothing(cents: int, weights: dict[UUID, int], random: object) -> None:
    keys = list(weights)
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert split_in_proportion(cents, {key: weights[key] for key in keys}) == split_in_proportion(cents, weights)


def test_equal_parts_of_what_cannot_be_divided_go_by_the_key() -> None:
    assert split_in_proportion(100, {"a": 1, "c": 1, "b": 1}) == {"a": 34, "b": 33, "c": 33}
    assert split_in_proportion(1, {"b": 5, "a": 5}) == {"a": 1}
    assert split_in_proportion(0, {"a": 5}) == {}


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": -1, "b": 2}])
def test_weights_that_say_nothing_are_refused(weights: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="nothing"):
        split_in_proportion(5, weights)
    with pytest.raises(ValueError, match="nothing"):
        split_in_proportion(-1, {uuid4(): 1})
