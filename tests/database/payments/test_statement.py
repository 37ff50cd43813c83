"""The provider's statement as a source of its own: fetched page by page, matched both ways, booked or a case."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
import stripe as stripe_library
from flask import Flask

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import owner_connection, session, transact
from foundation.errors import Busy, DomainError
from money.bank import accounts, allocation, debits, importing
from money.bank.models import BankLine
from money.bank.states import AccountPurpose, DebitPlace
from money.ledger import balances
from money.payments import calling, cases, comparing, fetching, line_booking, reports, starting
from money.payments.case_models import ProviderCase
from money.payments.line_booking import LineDecision
from money.payments.models import Payment, Tender
from money.payments.statement_models import LineProposal, ProviderFeed, ProviderLine
from money.payments.states import LineKind
from money.payments.tendering import TenderRequest
from money.stripe import statement
from people import queries
from tests.builders import bank
from tests.builders.booking import findings
from tests.builders.ledger import float_for
from tests.builders.orders import organisation, staff
from tests.builders.payments import opened, thing
from tests.builders.threads import after_commit

LINES = "/v1/balance_transactions"


def paid(stripe: Running, cents: int = 30_00) -> UUID:
    payment = opened(thing(cents), TenderRequest("card", cents))
    stripe.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    return payment


def ledger_of(payment: UUID) -> UUID:
    found = session.get_one(Payment, payment).ledger_id
    session.commit()
    return found


def intent_of(payment: UUID) -> str:
    found = session.scalars(sa.select(Tender.provider_ref).where(Tender.payment_id == payment)).one()
    session.commit()
    return str(found)


def client(stripe: Running) -> stripe_library.StripeClient:
    return stripe_library.StripeClient("sk_test_suite", base_addresses={"api": stripe.base})


def balance(payment: UUID, account: str) -> int:
    found = balances.load_balance(ledger_of(payment), account)
    session.commit()
    return found


def open_cases() -> dict[str, tuple[str, int | None]]:
    rows = list(session.scalars(sa.select(ProviderCase).where(ProviderCase.closed_at.is_(None))))
    session.commit()
    return {case.provider_ref: (case.kind, case.cents) for case in rows}


def difference() -> int:
    report = transact(reports.find_last)
    assert report is not None
    return report.difference_cents


def refs() -> set[str]:
    found = set(session.scalars(sa.select(ProviderLine.provider_ref)))
    session.commit()
    return found


def someone() -> UUID:
    """An operator."""
    found = queries.find_person(staff("operator", organisation("operator").id))
    session.commit()
    assert found is not None
    return found.id


@pytest.fixture(autouse=True)
def proven(alone: Running, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    session.rollback()
    assert findings() == [] or request.node.originalname.startswith("test_planted")


def test_what_we_know_is_matched_and_the_account_is_the_providers_balance(alone: Running) -> None:
    """Charges with fees, a refund, a dispute: no case. Heard or not, the statement alone brings them here."""
    first, disputed = paid(alone), paid(alone, 50_00)
    client(alone).v1.refunds.create({"payment_intent": intent_of(first), "amount": 10_00})
    alone.call("POST", "/_disputes", {"payment_intent": intent_of(disputed), "amount": 20_00})
    unheard = opened(thing(7_00), TenderRequest("card", 7_00))
    alone.pay(starting.start(unheard).url)
    client(alone).v1.payment_intents.capture(intent_of_session(alone))
    comparing.compare()
    report = transact(reports.find_last)
    assert report is not None
    there = alone.state()["balances"]["platform"]
    assert report.stated_cents == report.theirs_cents == report.ours_cents == there["available"] + there["pending"]
    assert (report.difference_cents, open_cases()) == (0, {})
    assert comparing.compare().cases == []
    assert transact(reports.find_last) == report


def intent_of_session(stripe: Running) -> str:
    """The one payment that the payer authorised and we have not heard of."""
    found = stripe.state()["payment_intents"].items()
    (waiting,) = [ref for ref, intent in found if intent["status"] == "requires_capture"]
    return str(waiting)


def test_fees_and_payouts_are_booked_from_their_lines_by_rule(alone: Running) -> None:
    payment = paid(alone, 100_00)
    there = alone.state()["balances"]["platform"]["available"]
    alone.line("stripe_fee", -2_50, description="Radar")
    alone.line("tax_fee", -48)
    alone.line("stripe_fee", 50, description="given back")
    payout = client(alone).v1.payouts.create({"amount": 60_00, "currency": "eur"})
    comparing.compare()
    rest = there - 2_50 - 48 + 50 - 60_00
    assert (balance(payment, "PSP"), balance(payment, "GT")) == (rest, 60_00)
    assert balance(payment, "GK") == 100_00 - there + 2_48
    arrived(payment, 60_00)
    assert balance(payment, "GT") == 0
    alone.call("POST", f"/_payouts/{payout.id}/fail")
    with pytest.raises(DomainError, match="keine Auszahlung in dieser Höhe"):
        arrived(payment, 60_00)
    comparing.compare()
    assert balance(payment, "GT") == -60_00
    taken_back(payment, 60_00)
    assert (balance(payment, "PSP"), balance(payment, "GT")) == (rest + 60_00, 0)
    assert (open_cases(), difference()) == ({}, 0)


def test_a_payout_arrives_once_for_two_clerks_on_two_accounts(alone: Running, own_database: Flask) -> None:
    """Control: without its lock `find_payout` gives both of them the same one."""
    payment = paid(alone, 100_00)
    client(alone).v1.payouts.create({"amount": 60_00, "currency": "eur"})
    comparing.compare()
    ledger, first = ledger_of(payment), account_of(payment)
    second = bank.account_of(ledger, "Münsterland e.V.", AccountPurpose.OPERATING)
    receipts = [bank.received(account, bank.line(60_00, "Auszahlung")) for account in (first, second)]
    say = partial(allocation.reclassify, where="provider", person_id=uuid4(), note="Auszahlung")
    say(receipts[0])
    refused = after_commit(own_database, lambda: transact(say, receipts[1]))
    assert isinstance(refused, DomainError)
    assert balance(payment, "GT") == 0


def account_of(payment: UUID) -> UUID:
    """The issuer's account at the bank."""
    found = accounts.find_open_account(ledger_of(payment))
    session.commit()
    return found.id if found else bank.account_of(ledger_of(payment))


def arrived(payment: UUID, cents: int) -> None:
    """The bank states the payout's credit, which is recognised by itself; else a person says what it is."""
    receipt = said_by_bank(payment, cents)
    if left_of(receipt):
        transact(allocation.reclassify, receipt, "provider", person_id=uuid4(), note="Auszahlung")


def said_by_bank(payment: UUID, cents: int, words: str = "STRIPE PAYOUT", *, name: str = "Stripe") -> UUID:
    """The bank states a credit; what can be decided about it without people is."""
    account = account_of(payment)
    receipt = bank.received(account, bank.line(cents, words, party_name=name))
    importing.decide(account, importing.StatementReport())
    return receipt


def left_of(receipt: UUID) -> int:
    """The cents of a receipt that nobody has decided about."""
    left = allocation.count_unallocated_cents(bank.receipt(receipt))
    session.commit()
    return left


def test_a_credit_is_recognised_as_the_one_payout_of_these_cents_under_way(alone: Running) -> None:
    """Not by the sum alone, nor another sum, nor twice; a statement that came first waits for the provider's."""
    payment = paid(alone, 100_00)
    early = said_by_bank(payment, 60_00)
    assert left_of(early) == 60_00
    client(alone).v1.payouts.create({"amount": 60_00, "currency": "eur"})
    comparing.compare()
    others = said_by_bank(payment, 60_00, "Miete", name="Paula"), said_by_bank(payment, 59_99)
    assert [left_of(each) for each in others] == [60_00, 59_99]
    assert (left_of(early), balance(payment, "GT")) == (0, 0)
    assert left_of(said_by_bank(payment, 60_00)) == 60_00


def test_of_two_payouts_of_the_same_cents_people_say_which(alone: Running) -> None:
    payment = paid(alone, 100_00)
    for _each in range(2):
        client(alone).v1.payouts.create({"amount": 40_00, "currency": "eur"})
    comparing.compare()
    receipt = said_by_bank(payment, 40_00)
    assert (left_of(receipt), balance(payment, "GT")) == (40_00, 80_00)
    transact(allocation.reclassify, receipt, "provider", person_id=uuid4(), note="die erste")
    assert left_of(said_by_bank(payment, 40_00)) == 0
    assert balance(payment, "GT") == 0


def test_a_payout_that_left_after_the_credit_or_long_before_is_not_it(alone: Running) -> None:
    payment = paid(alone, 100_00)
    client(alone).v1.payouts.create({"amount": 60_00, "currency": "eur"})
    comparing.compare()
    ledger = ledger_of(payment)
    for days in (-1, 15):
        day = clock.today() + timedelta(days=days)
        assert transact(allocation.find_only_payout, ledger, 60_00, day) is None
    assert transact(allocation.find_only_payout, ledger, 60_00, clock.today()) is not None


def taken_back(payment: UUID, cents: int) -> None:
    """The bank sends the money back to the provider, and two people say what the debit is."""
    account = account_of(payment)
    bank.states(account, bank.line(-cents, "STRIPE PAYOUT RETURN"))
    debit = session.scalars(sa.select(BankLine.id).where(BankLine.direction == "debit")).one()
    session.commit()
    proposal = transact(debits.propose, debit, DebitPlace.PROVIDER, person_id=uuid4(), note="Auszahlung zurück")
    transact(debits.decide, proposal, person_id=uuid4(), agreed=True)


@pytest.mark.parametrize(
    ("kind", "cents"), [("adjustment", -5_00), ("reserve_transaction", -8_00), ("stripe_fee", -500_01), ("topup", 9_00)]
)
def test_what_no_rule_explains_is_a_case_until_two_people_book_it(alone: Running, kind: str, cents: int) -> None:
    """Also a balance below zero. A top-up is a payout the other way round, but nobody's alone has money there."""
    payments = [paid(alone)] + ([paid(alone)] if kind == "topup" else [])
    ledger = ledger_of(payments[0])
    float_for(ledger, 1_000_00)  # else the fee leaves the vouchers' money short
    ref = alone.line(kind, cents, description="by hand")
    assert comparing.compare().cases == [ref]
    assert (open_cases(), difference()) == ({ref: ("unbooked_line", cents)}, cents)
    assert comparing.compare().cases == []
    case = session.scalars(sa.select(ProviderCase.id).where(ProviderCase.provider_ref == ref)).one()
    with pytest.raises(DomainError, match="Notiz genügt hier nicht"):
        transact(cases.close_case, case, "ist geklärt", person_id=uuid4())
    one, other = (someone() for _person in range(2))
    decision = LineDecision(LineKind.PAYOUT if kind == "topup" else LineKind.FEE, ledger)
    for wrong in (LineDecision(LineKind.FEE, organisation("retailer").id), decision):
        with pytest.raises(DomainError):
            transact(line_booking.propose, ref, wrong, " " if wrong is decision else "Kontoauszug", person_id=one)
    proposal = transact(line_booking.propose, ref, decision, "Rechnung vom 4. Mai", person_id=one)
    with pytest.raises(DomainError, match="wartet"):
        transact(line_booking.propose, ref, decision, "noch einmal", person_id=other)
    with pytest.raises(DomainError, match="Eine andere muss zustimmen"):
        transact(line_booking.decide, proposal, approved=True, person_id=one)
    transact(line_booking.decide, proposal, approved=True, person_id=other)
    with pytest.raises(DomainError):
        transact(line_booking.decide, proposal, approved=True, person_id=other)
    comparing.compare()
    assert (open_cases(), difference()) == ({}, 0)


def test_a_declined_proposal_leaves_the_case(alone: Running) -> None:
    payment = paid(alone)
    ref = alone.line("adjustment", -5_00)
    comparing.compare()
    one = someone()
    decision = LineDecision(LineKind.FEE, ledger_of(payment))
    proposal = transact(line_booking.propose, ref, decision, "vermutlich", person_id=one)
    transact(line_booking.decide, proposal, approved=False, person_id=one)
    assert session.get_one(LineProposal, proposal).approved is False
    session.commit()
    comparing.compare()
    assert list(open_cases()) == [ref]


def test_a_payment_that_we_do_not_know_waits_for_its_owner_and_goes_back(alone: Running) -> None:
    """Charged by hand in the dashboard, or lost by a restore: KZ until it is refunded there, the fee is ours."""
    payment = paid(alone)
    fee = balance(payment, "GK")
    made = client(alone).v1.payment_intents.create(
        {"amount": 42_50, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    )
    comparing.compare()
    charge = next(ref for ref, (kind, _cents) in open_cases().items() if kind == "unbooked_line")
    assert open_cases()[made.id] == ("foreign_payment", 42_50)
    agreed(charge, LineKind.PAYER, payment)
    assert balance(payment, "KZ") == 42_50
    client(alone).v1.refunds.create({"payment_intent": made.id})
    comparing.compare()
    (refund,) = [ref for ref, (kind, _cents) in open_cases().items() if kind == "unbooked_line"]
    agreed(refund, LineKind.PAYER, payment)
    comparing.compare()
    assert (balance(payment, "KZ"), balance(payment, "GK") > fee, difference()) == (0, True, 0)
    assert set(open_cases()) == {made.id}


def agreed(ref: str, kind: LineKind, payment: UUID) -> None:
    """Two people say what a line was."""
    decision = LineDecision(kind, ledger_of(payment))
    one, other = (someone() for _person in range(2))
    proposal = transact(line_booking.propose, ref, decision, "im Konto des Zahlungsdienstes gesehen", person_id=one)
    transact(line_booking.decide, proposal, approved=True, person_id=other)


def test_a_run_that_ends_in_the_middle_goes_on_after_its_last_page(
    alone: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lines a page. The control: what is new since comes with the next span, and no line comes twice."""
    monkeypatch.setattr(statement, "PAGE_LINES", 3)
    made = {alone.line("stripe_fee", -number - 1) for number in range(10)}
    asked = asked_pages(monkeypatch)
    alone.fault("rate_limited", path=LINES, method="GET", count=1)
    with pytest.raises(Busy):
        fetching.fetch()
    asked.clear()
    stop_after(asked, 2, monkeypatch)
    with pytest.raises(Interrupted):
        fetching.fetch()
    assert len(refs()) == 6
    monkeypatch.undo()
    monkeypatch.setattr(statement, "PAGE_LINES", 3)
    monkeypatch.setenv("STRIPE_API_BASE", alone.base)
    asked = asked_pages(monkeypatch)
    late = alone.line("stripe_fee", -99, age=3600)
    assert (fetching.fetch(), len(asked)) == (4, 2)
    assert refs() == made
    assert (fetching.fetch(), refs()) == (1, made | {late})
    booked_away()


class Interrupted(Exception):
    """A process that dies."""


def asked_pages(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """After which lines pages are asked for."""
    asked: list[object] = []
    real = statement.list_lines

    def listed(*span: object) -> object:
        asked.append(span[2])
        return real(*span)  # type: ignore[arg-type]

    monkeypatch.setattr(statement, "list_lines", listed)
    return asked


def stop_after(asked: list[object], pages: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., object] = statement.list_lines

    def listed(*span: object) -> object:
        if len(asked) == pages:
            raise Interrupted
        return real(*span)

    monkeypatch.setattr(statement, "list_lines", listed)


def booked_away() -> None:
    """Nobody has money at the provider here, so that each line is a case."""
    comparing.compare()


def test_a_line_after_which_nothing_is_known_any_more_begins_anew(alone: Running) -> None:
    payment, known = paid(alone), alone.line("stripe_fee", -1_00)
    fetching.fetch()
    feed = {"since": None, "until": clock.now() + timedelta(minutes=10), "page_after": "txn_gone"}
    session.execute(sa.update(ProviderFeed).values(feed))
    session.commit()
    with pytest.raises(Busy):
        fetching.fetch()
    assert (fetching.fetch(), known in refs()) == (0, True)
    comparing.compare()
    assert balance(payment, "GK") > 1_00


def test_a_silent_provider_is_no_clean_report(alone: Running) -> None:
    alone.fault("rate_limited", path=LINES, method="GET", count=None)
    with pytest.raises(Busy):
        comparing.compare()
    assert transact(reports.find_last) is None


def test_people_get_one_mail_for_each_difference_and_see_since_when(alone: Running, own_database: Flask) -> None:
    someone()
    paid(alone)
    comparing.compare()
    assert (mails(), transact(reports.find_differing_since)) == (0, None)
    alone.line("adjustment", -5_00)
    for _run in range(3):
        comparing.compare()
    assert mails() == 1
    assert transact(reports.find_differing_since) is not None
    alone.line("adjustment", -1_00)
    comparing.compare()
    assert (mails(), difference()) == (2, -6_00)
    shown = own_database.test_client().get("/metrics").text
    assert "provider_difference_cents -600" in shown
    assert "provider_statement_complete_timestamp_seconds 1." in shown


def mails() -> int:
    count = sa.text("SELECT count(*) FROM outgoing_mail WHERE template = 'money/provider_differs'")
    found = int(session.scalar(count) or 0)
    session.commit()
    return found


@pytest.mark.parametrize(
    ("planted", "code"),
    [
        ("UPDATE provider_line_booking SET kind = 'payout'", "Z-34"),
        ("DELETE FROM provider_line_booking", "Z-34"),
        ("UPDATE provider_line SET net_cents = net_cents + 1, cents = cents + 1 WHERE kind = 'charge'", "Z-35"),
        ("DELETE FROM dispute_move", "Z-35"),
        ("DELETE FROM provider_line WHERE kind = 'charge'", "Z-36"),
        ("DELETE FROM entry WHERE debit_account = 'PSP' AND kind = 'payment_captured'", "Z-37"),
        ("UPDATE entry SET cents = cents + 1 WHERE debit_account = 'PSP' AND kind = 'payment_captured'", "Z-37"),
        ("DELETE FROM entry WHERE credit_account = 'PSP' AND kind = 'provider_line_fee'", "Z-37"),
    ],
)
def test_planted_wrong_and_missing_rows_are_found(alone: Running, planted: str, code: str) -> None:
    disputed = paid(alone)
    alone.line("stripe_fee", -1_00)
    comparing.compare()
    alone.call("POST", "/_disputes", {"payment_intent": intent_of(disputed)})
    comparing.compare()
    with owner_connection() as connection:
        connection.execute("SET session_replication_role = replica")
        before = "UPDATE provider_line SET recorded_at = recorded_at - interval '1 day'"
        for statement_text in (
            before,
            "UPDATE provider_call_event SET recorded_at = recorded_at - interval '1 day'",
            planted,
        ):
            connection.execute(statement_text)
        connection.commit()
    assert code in findings()
