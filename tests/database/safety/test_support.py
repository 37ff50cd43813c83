"""Support finds a voucher without seeing what it is redeemed with, and every look leaves a record."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation import clock
from foundation.database import session, transact
from foundation.errors import Invalid, NotFound
from foundation.models import AuditRecord
from people import persons
from people.models import Membership
from tests.builders import approvals as by_two
from tests.builders import vouchers as build
from tests.builders.safety import Sold, sold
from vouchers.stored_value.models import Programme
from vouchers.support import lookup, queries
from vouchers.support.models import SupportLookup

WHY = "Anruf: Gutschein kam nicht an"


def ground(email: str | None = None) -> tuple[Programme, Sold, UUID]:
    programme = build.programme()
    sale = sold(programme.id, 50_00, buyer=email)
    clerk = by_two.clerk(programme.issuer_id)
    session.commit()
    return programme, sale, clerk


def search(clerk: UUID, programme: Programme, asked: str, purpose: str = WHY) -> lookup.LookupResult:
    return transact(lookup.search, clerk, {programme.issuer_id}, asked=asked, purpose=purpose)


def looks(clerk: UUID) -> list[tuple[str, UUID | None, str]]:
    query = sa.select(SupportLookup).where(SupportLookup.person_id == clerk).order_by(SupportLookup.looked_at)
    return [(look.outcome, look.voucher_id, look.asked) for look in session.scalars(query)]


def test_a_voucher_is_found_by_number_address_or_last_four(context: Flask) -> None:
    email = f"{uuid4().hex[:6]}@ex.de"  # as long as a code
    programme, sale, clerk = ground(email)
    last4 = queries.load_voucher_view(sale.voucher.voucher_id).last4
    for asked in (sale.number.lower(), email.upper(), last4.lower(), sale.number.replace("MG", "GB")):
        found = search(clerk, programme, f" {asked} ")
        assert found.lookup_id is not None
        assert lookup.load_recent_lookup(found.lookup_id, clerk).voucher_id == sale.voucher.voucher_id
    voucher_id = sale.voucher.voucher_id
    assert looks(clerk) == [
        ("seen", voucher_id, sale.number),
        ("seen", voucher_id, f"{email[0]}…@ex.de"),
        ("seen", voucher_id, last4),
        ("seen", voucher_id, sale.number.replace("MG", "GB")),
    ]
    noted = session.scalars(
        sa.select(AuditRecord.detail).where(AuditRecord.subject_id == voucher_id, AuditRecord.verb == "voucher.look")
    ).all()
    assert [detail["purpose"] for detail in noted] == [WHY] * 4


def test_what_belongs_to_another_issuer_is_not_there_but_the_look_is_noted(context: Flask) -> None:
    programme, _sale, clerk = ground()
    _other, foreign, _clerk = ground()
    for asked in (foreign.number, "MG-9999-9999"):
        assert search(clerk, programme, asked) == lookup.LookupResult()
    voucher_id = foreign.voucher.voucher_id
    opened = transact(lookup.open_match, clerk, {programme.issuer_id}, voucher_id, asked="…", purpose=WHY)
    assert opened == lookup.LookupResult()
    assert [(outcome, voucher) for outcome, voucher, _asked in looks(clerk)] == [
        ("foreign", voucher_id),
        ("nothing", None),
        ("foreign", voucher_id),
    ]


def test_several_are_listed_without_value_and_opened_one_by_one(context: Flask) -> None:
    email = f"{uuid4().hex}@example.org"
    programme, first, clerk = ground(email)
    second = sold(programme.id, 20_00, buyer=email)
    session.commit()
    found = search(clerk, programme, email)
    assert found.lookup_id is None
    assert {match.number for match in found.matches} == {first.number, second.number}
    assert not [name for name in vars(found.matches[0]) if "cents" in name or "balance" in name]
    voucher_id = second.voucher.voucher_id
    opened = transact(lookup.open_match, clerk, {programme.issuer_id}, voucher_id, asked="…", purpose=WHY)
    assert opened.lookup_id is not None
    assert [outcome for outcome, _voucher, _asked in looks(clerk)] == ["listed", "seen"]


def test_support_is_never_given_a_code(context: Flask) -> None:
    programme, sale, clerk = ground()
    for secret in (sale.voucher.code, sale.voucher.code.replace("-", "").lower(), sale.voucher.token):
        with pytest.raises(Invalid) as refused:
            search(clerk, programme, secret)
        assert refused.value.code == "code_not_wanted"
    assert looks(clerk) == []


@pytest.mark.parametrize("purpose", ["", "  ab ", "x" * 201])
def test_nobody_looks_without_saying_why(context: Flask, purpose: str) -> None:
    programme, sale, clerk = ground()
    with pytest.raises(Invalid) as refused:
        search(clerk, programme, sale.number, purpose)
    assert refused.value.details["field"] == "purpose"


def test_a_look_belongs_to_one_person_and_half_an_hour(context: Flask) -> None:
    programme, sale, clerk = ground()
    other = by_two.clerk(programme.issuer_id)
    session.commit()
    look = search(clerk, programme, sale.number).lookup_id
    assert look is not None
    with pytest.raises(NotFound):
        lookup.load_recent_lookup(look, other)
    with clock.at(clock.now() + timedelta(minutes=31)), pytest.raises(NotFound):
        lookup.load_recent_lookup(look, clerk)


def test_what_support_sees_holds_no_secret_and_no_hash(context: Flask) -> None:
    _programme, sale, _clerk = ground()
    seen = queries.load_voucher_view(sale.voucher.voucher_id)
    assert [name for name in vars(seen) if "hash" in name or "token" in name or "code" in name or "pin" in name] == []
    shown = repr((seen.lots, seen.history, seen.last4))
    for secret in (sale.voucher.code, sale.voucher.token, sale.voucher.pin):
        assert secret not in shown


def test_a_look_is_never_forgotten(context: Flask) -> None:
    programme, sale, clerk = ground()
    search(clerk, programme, sale.number)
    for statement in ("DELETE FROM support_lookup", "UPDATE support_lookup SET purpose = 'nichts'"):
        with pytest.raises(DBAPIError):
            session.execute(sa.text(statement))
        session.rollback()
    assert len(looks(clerk)) == 1


def test_the_auditor_sees_all_looks_and_an_issuer_those_at_its_vouchers(context: Flask) -> None:
    programme, sale, clerk = ground()
    other, foreign, _clerk = ground()
    search(clerk, programme, sale.number)
    search(clerk, programme, foreign.number)
    own = {row.lookup.voucher_id for row in queries.list_lookups({programme.issuer_id})}
    theirs = {row.lookup.voucher_id for row in queries.list_lookups({other.issuer_id})}
    everything = {row.lookup.voucher_id for row in queries.list_lookups(None)}
    assert own == {sale.voucher.voucher_id}
    assert theirs == {foreign.voucher.voucher_id}
    assert everything >= own | theirs


def test_who_works_for_the_issuer_no_more_loses_the_looks_at_once(context: Flask) -> None:
    programme, sale, clerk = ground()
    look = search(clerk, programme, sale.number).lookup_id
    assert look is not None
    staffing_of = sa.select(Membership).where(Membership.person_id == clerk)
    transact(lambda: [session.delete(each) for each in session.scalars(staffing_of)])
    elsewhere = build.programme().issuer_id
    transact(persons.join, clerk, elsewhere, "issuer_clerk")
    with pytest.raises(NotFound):
        lookup.load_recent_lookup(look, clerk)
