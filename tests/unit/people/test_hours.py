"""Opening hours: lunch breaks, the holidays of North Rhine-Westphalia, midnight, and the clock that jumps."""

from datetime import date, datetime, time

import pytest

from foundation.clock import BERLIN
from foundation.errors import Invalid
from people import hours

SHOP = "Mo-Fr 09:00-12:30,14:30-18:30; Sa 09:00-13:00"


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        (berlin(2026, 6, 3, 8, 59), False),
        (berlin(2026, 6, 3, 9, 0), True),
        (berlin(2026, 6, 3, 12, 29), True),
        (berlin(2026, 6, 3, 12, 30), False),
        (berlin(2026, 6, 3, 14, 29), False),
        (berlin(2026, 6, 3, 14, 30), True),
        (berlin(2026, 6, 3, 18, 30), False),
        (berlin(2026, 6, 6, 12, 59), True),
        (berlin(2026, 6, 7, 10, 0), False),
    ],
)
def test_a_lunch_break_is_closed(instant: datetime, is_open: bool) -> None:
    assert hours.is_open(SHOP, instant) is is_open


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 6, 4), "Fronleichnam"),
        (date(2026, 11, 1), "Allerheiligen"),
        (date(2026, 4, 3), "Karfreitag"),
        (date(2027, 5, 27), "Fronleichnam"),
    ],
)
def test_holidays_of_the_land_are_closed_and_named(day: date, name: str) -> None:
    assert hours.is_open("Mo-Su 10:00-18:00", datetime.combine(day, time(11), BERLIN)) is False
    assert hours.list_week("Mo-Su 10:00-18:00", day)[0] == hours.DayHours(day, (), name)


def test_a_bakery_may_open_on_holidays() -> None:
    bakery = "Mo-Fr 06:00-18:00; Su,PH 08:00-11:00"
    assert hours.is_open(bakery, berlin(2026, 6, 4, 10, 0)) is True
    assert hours.is_open(bakery, berlin(2026, 6, 4, 12, 0)) is False


def test_after_the_evening_before_a_holiday_it_opens_the_day_after() -> None:
    assert hours.find_next_change(SHOP, berlin(2026, 6, 3, 20, 0)) == berlin(2026, 6, 5, 9, 0)


def test_next_change_is_the_beginning_of_the_break_while_open() -> None:
    assert hours.find_next_change(SHOP, berlin(2026, 6, 3, 10, 0)) == berlin(2026, 6, 3, 12, 30)


def test_what_never_opens_has_no_next_change() -> None:
    assert hours.find_next_change("off", berlin(2026, 6, 3, 10, 0)) is None


def test_hours_over_midnight_belong_to_the_day_they_begin_on() -> None:
    week = hours.list_week("Fr,Sa 18:00-02:00", date(2026, 10, 19))
    assert [day.spans for day in week] == [
        (), (), (), (), ((time(18), time(2)),), ((time(18), time(2)),), (),
    ]  # fmt: skip
    assert hours.is_open("Fr,Sa 18:00-02:00", berlin(2026, 10, 24, 1, 30)) is True


def test_the_first_day_of_a_week_does_not_show_the_night_before() -> None:
    assert hours.list_week("Su 20:00-02:00", date(2026, 10, 19))[0].spans == ()


def test_round_the_clock_is_shown_for_every_day_and_on_holidays() -> None:
    assert [day.spans for day in hours.list_week("24/7", date(2026, 10, 26))] == [((time(0), time(0)),)] * 7
    assert hours.is_open("24/7", berlin(2026, 12, 25, 3, 0)) is True


def test_the_hour_that_is_skipped_in_spring_is_no_time() -> None:
    spans = hours.list_open_spans("Sa 20:00-04:00", berlin(2026, 3, 28, 12), berlin(2026, 3, 30))
    assert [end.timestamp() - begin.timestamp() for begin, end in spans] == [7 * 3600]
    assert hours.list_open_spans("Su 02:00-03:00", berlin(2026, 3, 28, 12), berlin(2026, 3, 30)) == []


def test_the_hour_that_comes_twice_in_autumn_counts_twice() -> None:
    spans = hours.list_open_spans("Sa 20:00-04:00", berlin(2026, 10, 24, 12), berlin(2026, 10, 26))
    assert [end.timestamp() - begin.timestamp() for begin, end in spans] == [9 * 3600]


def test_intervals_are_cut_to_what_was_asked() -> None:
    spans = hours.list_open_spans(SHOP, berlin(2026, 6, 3, 10), berlin(2026, 6, 3, 15))
    assert spans == [
        (berlin(2026, 6, 3, 10), berlin(2026, 6, 3, 12, 30)),
        (berlin(2026, 6, 3, 14, 30), berlin(2026, 6, 3, 15)),
    ]


@pytest.mark.parametrize("text", ["", "quark", "Mo 25:00-26:00", "Mo-Fr " + "9" * 600])
def test_unreadable_hours_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        hours.normalise_hours(text)
    assert caught.value.code == "hours_not_readable"


def test_readable_hours_are_tidied() -> None:
    assert hours.normalise_hours("  Mo-Fr   09:00-18:00 ") == "Mo-Fr 09:00-18:00"


def test_unreadable_hours_in_the_table_are_closed_and_harm_nobody() -> None:
    assert hours.is_open("quark", berlin(2026, 6, 3, 10, 0)) is False
    assert hours.find_next_change("quark", berlin(2026, 6, 3, 10, 0)) is None
