"""Things to pay, a tiny real method of vouchers, and what the books say about a payment. Everything with fresh ids."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import psycopg
import sqlalchemy as sa

from foundation import audit
from foundation.config import settings
from foundation.database import session, transact, uuid7
from foundation.errors import NotEnough, NotFound
from money.payments import methods, opening, payables
from money.payments.methods import MethodOffer
from money.payments.models import Payment, ProviderCall, Tender
from money.payments.payables import Allowance, AmountDue, Loss, MoneyKind, Rail, Share, Traits
from money.payments.tendering import TenderRequest
from tests.builders.ledger import JournalDocument, JournalLine, add_float, write
from tests.builders.organisations import organisation

EVERYTHING = Allowance(frozenset(MoneyKind), promises=True)

TABLES = """
CREATE SCHEMA IF NOT EXISTS tests;
CREATE TABLE IF NOT EXISTS tests.token (id uuid PRIMARY KEY, cents bigint NOT NULL CHECK (cents >= 0),
  held bigint NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND cents));
CREATE TABLE IF NOT EXISTS tests.token_use (tender_id uuid PRIMARY KEY, verb text NOT NULL);
GRANT USAGE ON SCHEMA tests TO "{role}";
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA tests TO "{role}";
"""


class Things:
    """A payable whose words are kept in the audit trail, so that a rolled back transaction leaves none."""

    kind = "test_thing"

    def __init__(self) -> None:
        self.known: dict[UUID, AmountDue] = {}

    def load_due(self, ref_id: UUID) -> AmountDue:
        return self.known[ref_id]

    def on_secured(self, ref_id: UUID, payment_id: UUID) -> None:
        due = self.known[ref_id]
        for share in due.shares if due.rail == Rail.ISSUER else ():
            lines = [JournalLine("KZ", "SE", share.cents, debit_party=payment_id)]
            write(JournalDocument(uuid7(), ref_id, share.organisation_id, "test_sold"), lines)
        audit.record("test.secured", self.kind, ref_id)

    def on_failed(self, ref_id: UUID, payment_id: UUID, reason: str) -> None:
        audit.record("test.failed", self.kind, ref_id, reason=reason)

    def on_money_lost(self, ref_id: UUID, loss: Loss) -> int:
        audit.record("test.lost", self.kind, ref_id, cents=loss.cents)
        return 0

    def on_money_back(self, ref_id: UUID, loss: Loss) -> int:
        audit.record("test.back", self.kind, ref_id, cents=loss.cents)
        return 0

    def on_loss_final(self, ref_id: UUID, share_ref: UUID) -> None:
        audit.record("test.lost_for_good", self.kind, ref_id)

    def list_evidence(self, ref_id: UUID) -> list[str]:
        return ["Wir haben einen Beleg."]

    def page_url(self, ref_id: UUID) -> str:
        return f"/test-thing/{ref_id}"


class Tokens:
    """A method with balances in the database and holds on them: what vouchers are to payments, and no more."""

    key = "test_token"
    label: object = "Wertmarke"
    traits = Traits(
        MoneyKind.STORED_VALUE,
        rails=frozenset(Rail),
        settles_before_delivery=True,
        is_stored_value=True,
        shop_kinds=frozenset({"voucher"}),
        refundable_days=365,
    )

    def offer(self, due: AmountDue, given: str) -> MethodOffer:
        raise NotFound("Diese Wertmarke gibt es nicht.")

    def hold(self, tender: Tender) -> None:
        self._change(tender, "held = held + :cents", "cents - held >= :cents")

    def capture(self, tender: Tender) -> None:
        self._once(tender, "captured")
        self._change(tender, "held = held - :cents, cents = cents - :cents", "held >= :cents")

    def release(self, tender: Tender) -> None:
        if tender.state == "held":
            self._once(tender, "released")
            self._change(tender, "held = held - :cents", "held >= :cents")

    def refund(self, tender: Tender, cents: int, key: str) -> None:
        session.execute(
            sa.text("UPDATE tests.token SET cents = cents + :cents WHERE id = :id"),
            {"cents": cents, "id": tender.reference},
        )

    def _once(self, tender: Tender, verb: str) -> None:
        session.execute(sa.text("INSERT INTO tests.token_use VALUES (:id, :verb)"), {"id": tender.id, "verb": verb})

    def _change(self, tender: Tender, change: str, condition: str) -> None:
        statement = sa.text(f"UPDATE tests.token SET {change} WHERE id = :id AND {condition}")
        done = session.execute(statement, {"cents": tender.cents, "id": tender.reference})
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise NotEnough("Die Wertmarke reicht nicht.")


THINGS = Things()


def prepare() -> None:
    """Register both, and make the table of tokens in a schema of its own."""
    payables.register(THINGS)
    methods.register_internal(Tokens())
    login = settings().migration_database_url or settings().database_url
    with psycopg.connect(login, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(4712)")
        connection.execute(TABLES.replace("{role}", settings().database_role))  # type: ignore[call-overload]


def all_but(*kinds: MoneyKind) -> Allowance:
    """What takes every kind of money but these."""
    return Allowance(frozenset(MoneyKind) - set(kinds), promises=True)


def thing(*cents: int, rail: str = "issuer", allows: Allowance = EVERYTHING, issuers: int = 1) -> UUID:
    """Something to pay, one share per amount, of so many issuers in turn. They get a float that bears the fees."""
    if rail == "issuer":
        ledgers = [organisation("issuer").id for _issuer in range(issuers)]
        owners = [ledgers[place % issuers] for place in range(len(cents))]
        for ledger in ledgers:
            add_float(ledger, 100_00)
    else:
        ledgers, owners = [organisation("operator").id], [organisation().id for _share in cents]
    shares = tuple(Share(uuid4(), None, owner, amount, "Anteil") for owner, amount in zip(owners, cents, strict=True))
    session.commit()
    ref = uuid4()
    THINGS.known[ref] = AmountDue(
        sum(cents),
        "Test",
        shares,
        Rail(rail),
        ledgers[0],
        f"paula-{ref.hex[:12]}@example.org",
        "de",
        allows,
    )
    return ref


def token(cents: int) -> UUID:
    """A token worth so much."""
    made = uuid4()
    session.execute(sa.text("INSERT INTO tests.token VALUES (:id, :cents)"), {"id": made, "cents": cents})
    session.commit()
    return made


def balance(token_id: UUID) -> tuple[int, int]:
    """(cents, held) of a token."""
    row = session.execute(sa.text("SELECT cents, held FROM tests.token WHERE id = :id"), {"id": token_id}).one()
    session.commit()
    return row.cents, row.held


def opened(ref: UUID, *wishes: TenderRequest, key: str | None = None) -> UUID:
    """A payment, opened and committed."""
    return transact(opening.open_payment, THINGS.kind, ref, list(wishes), key=key or str(uuid4()))


def mixed(method: str, *, rail: str = "issuer") -> tuple[UUID, UUID, UUID]:
    """50 euro: 20 on a token of 25, 30 on the method. Gives back payment, thing and token."""
    ref, voucher = thing(50_00, rail=rail), token(25_00)
    wishes = [TenderRequest("test_token", 20_00, voucher), TenderRequest(method, 30_00)]
    return opened(ref, *wishes), ref, voucher


@dataclass
class Told:
    """What is true of one payment, read afresh."""

    state: str
    tenders: dict[str, str]
    calls: dict[str, list[str]] = field(default_factory=dict)
    secured: int = 0
    failed: list[str] = field(default_factory=list)
    booked: dict[str, int] = field(default_factory=dict)


def told(payment_id: UUID) -> Told:
    """Everything a test compares, from the database."""
    payment = session.get_one(Payment, payment_id, populate_existing=True)
    found = Told(payment.state, {t.method: t.state for t in payment.tenders})
    calls = sa.select(ProviderCall).where(ProviderCall.payment_id == payment_id).order_by(ProviderCall.id)
    for call in session.scalars(calls.execution_options(populate_existing=True)):
        found.calls.setdefault(call.kind, []).append(call.state)
    words = sa.text("SELECT verb, detail FROM audit_record WHERE subject_id = :ref AND verb LIKE 'test.%'")
    for row in session.execute(words, {"ref": payment.ref_id}):
        if row.verb == "test.secured":
            found.secured += 1
        elif row.verb == "test.failed":
            found.failed.append(row.detail["reason"])
    entries = sa.text("SELECT kind, sum(cents)::bigint AS cents FROM entry WHERE aggregate_id = :id GROUP BY kind")
    found.booked = {row.kind: row.cents for row in session.execute(entries, {"id": payment_id})}
    session.commit()
    return found
