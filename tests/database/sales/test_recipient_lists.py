"""Recipients from a list: every fault at its line and column, all or none, nothing written before."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact
from foundation.errors import Invalid
from tests.builders import vouchers as build
from tests.builders.calendar import coming
from tests.builders.sales import lines, mails, order, pay
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.sales import delivery, drafts, recipient_lists
from vouchers.sales.recipient_lists import ListDefaults
from vouchers.stored_value.models import Programme

GOOD = (
    "Name;E-Mail;Betrag;Gruß;Sprache;Tag\nJürgen;juergen@example.org;25,50;Für dich;de;\nBen;ben@example.org;30;;en;\n"
)


@pytest.fixture
def programme(context: Flask) -> Programme:
    made: Programme = transact(build.programme)
    return made


def common(programme: Programme) -> ListDefaults:
    return ListDefaults(programme.id, f"{uuid4().hex}@example.org", "Firma Feld", "de", "allee")


def wrong(programme: Programme, text: str) -> list[tuple[int, str]]:
    return [(each.line, each.column) for each in recipient_lists.check_list(text, common(programme)).wrong]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_dialects_of_spreadsheets_are_read(programme: Programme, encoding: str, delimiter: str, end: str) -> None:
    text = GOOD.replace("25,50", "25.50").replace(";", delimiter).replace("\n", end)
    plan = recipient_lists.check_list(recipient_lists.decode_file(text.encode(encoding)), common(programme))
    assert plan.wrong == []
    assert [(w.recipient_name, w.cents, w.message, w.recipient_language) for w in plan.requests] == [
        ("Jürgen", 25_50, "Für dich", "de"),
        ("Ben", 30_00, "", "en"),
    ]
    assert plan.cents == 55_50


def test_columns_may_stand_in_any_order_and_only_two_are_needed(programme: Programme) -> None:
    plan = recipient_lists.check_list("betrag;anmerkung;e-mail\n10;x;a@example.org\n", common(programme))
    assert [(w.cents, w.recipient_email) for w in plan.requests] == [(10_00, "a@example.org")]


def test_every_fault_is_named_with_its_line_and_column(programme: Programme) -> None:
    text = (
        "Name;E-Mail;Betrag;Gruß;Sprache;Tag\n"
        "A;a@example.org;25;;de;\n"
        "B;keine;9,99;;xx;gestern\n"
        '"C\nD";c@example.org;300;;de;2020-01-01\n'
        "\n"
        f"E;e@example.org;20;{'x' * 401};de;\n"
        "F;f@example.org;20;inkl. 19 % MwSt;de;\n"
    )
    assert wrong(programme, text) == [
        (3, "E-Mail"),
        (3, "Sprache"),
        (3, "Tag"),
        (4, "Betrag"),
        (7, "Gruß"),
        (8, "Gruß"),
    ]


def test_a_day_is_eight_in_the_morning_in_berlin(programme: Programme) -> None:
    may, january = coming(5, 24), coming(1, 24)
    text = f"E-Mail;Betrag;Tag\na@example.org;20;{may:%d.%m.%Y}\nb@example.org;20;{january}\n"
    first, second = recipient_lists.check_list(text, common(programme)).requests
    assert first.deliver_at
    assert second.deliver_at
    assert first.deliver_at.isoformat() == f"{may}T08:00:00+02:00"
    assert second.deliver_at.isoformat() == f"{january}T08:00:00+01:00"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b"x" * 200_001,
        b"PK\x03\x04abc",
        b"a\x00b",
        b"\x81\x8d\x8f",
        b"nur eine spalte\nx\n",
        b"Name;Gruss\nA;B\n",
        b"E-Mail;Betrag\n",
        b'E-Mail;Betrag\n"a@example.org;20\n',
        b"E-Mail;Betrag\n" + b"a@example.org;10\n" * 501,
        b"E-Mail;Betrag\n" + b"x" * 2_500 + b";10\n",
    ],
)
def test_what_is_no_list_is_refused_in_one_sentence(programme: Programme, data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        recipient_lists.check_list(recipient_lists.decode_file(data), common(programme))
    assert refused.value.details["field"] == "list"


def test_more_than_one_payer_may_buy_is_said_before_the_order(programme: Programme) -> None:
    text = "E-Mail;Betrag\n" + "a@example.org;250\n" * 4 + "a@example.org;10\n"
    assert wrong(programme, text) == [(0, "")]


def test_a_list_becomes_one_order_and_looking_at_it_writes_nothing(programme: Programme) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(VoucherSale))
    shared, key = common(programme), uuid4().hex
    plan = recipient_lists.check_list(GOOD, shared)
    assert session.scalar(sa.select(sa.func.count()).select_from(VoucherSale)) == before
    order_id = transact(drafts.draft_list, plan.requests, form_key=key)
    assert transact(drafts.draft_list, plan.requests, form_key=key) == order_id
    made = lines(order_id)
    assert [(each.position, each.cents, each.design, each.gift) for each in made] == [
        (1, 25_50, "allee", True),
        (2, 30_00, "allee", True),
    ]
    assert made[0].id == order_id
    assert order(order_id).buyer_email == shared.buyer_email
    pay(order_id)
    for each in made:
        transact(delivery.deliver_sale, str(each.id))
    assert "Voucher.pdf" in [
        p.get_filename() for p in mails("vouchers/voucher", "ben@example.org")[0].iter_attachments()
    ]


def test_a_wish_that_cannot_be_met_stops_the_whole_list(programme: Programme) -> None:
    plan = recipient_lists.check_list(GOOD, common(programme))
    programme.on_sale = False
    session.commit()
    key = uuid4().hex
    with pytest.raises(Exception, match="gerade nicht zu kaufen"):
        transact(drafts.draft_list, plan.requests, form_key=key)
    assert session.scalar(sa.select(sa.func.count()).where(VoucherOrder.form_key == key)) == 0
