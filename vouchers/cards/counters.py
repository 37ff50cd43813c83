"""Counters: opening and closing one, its credit line, and the money that it pays over."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.database import lock, lock_one, session, uuid7
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _, lazy
from money.amount import euro
from money.bank import allocation
from money.bank.models import BankReceipt
from money.ledger import balances, cover
from people.models import Municipality, Organisation
from vouchers.approvals import funds, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.cards.models import Counter, CounterPayment

MAX_NAME_CHARACTERS = 80
MAX_CREDIT_LINE_CENTS = 100_000_00
CODE_SHAPE = re.compile(r"[A-Z0-9]{2,8}")
POSTCODE_SHAPE = re.compile(r"[0-9]{5}")
PROPOSAL_KIND = "counter.credit_line"


@dataclass(frozen=True, kw_only=True)
class CounterDetails:
    """What a new counter is called, who runs it and where. `ags`: the official key of its town."""

    code: str
    name: str
    operator: str
    street: str
    postcode: str
    ags: str
    email: str
    phone: str


def open_counter(issuer_id: UUID, place: CounterDetails) -> UUID:
    """A new counter, of an organisation of its own. It can sell nothing before it has a credit line and cards.

    Refuses (`Invalid`, with `field`) what is missing, too long or taken.
    """
    town = session.get(Municipality, place.ags)
    if town is None:
        raise Invalid(_("Bitte wählen Sie einen Ort."), field="ags")
    _check_details(place)
    operator = Organisation(
        id=uuid7(),
        slug=f"verkaufsstelle-{place.code.lower()}",
        name=place.name,
        legal_name=place.operator,
        kind="counter",
        street=place.street,
        postcode=place.postcode,
        town=town.name,
        email=mail.normalise_address(place.email),
        phone=place.phone,
    )
    counter = Counter(
        id=uuid7(), issuer_id=issuer_id, organisation_id=operator.id, code=place.code, name=place.name, ags=place.ags
    )
    session.add(operator)
    session.flush()
    session.add(counter)
    session.flush()
    audit.record("counter.opened", "counter", counter.id, code=place.code)
    return counter.id


def _check_details(place: CounterDetails) -> None:
    for field, most in (
        ("name", MAX_NAME_CHARACTERS),
        ("operator", 120),
        ("street", 120),
        ("phone", 40),
        ("email", 254),
    ):
        if not 1 <= len(getattr(place, field).strip()) <= most:
            raise Invalid(_("Bitte füllen Sie dieses Feld aus, höchstens %(n)s Zeichen.", n=most), field=field)
    if not POSTCODE_SHAPE.fullmatch(place.postcode):
        raise Invalid(_("Eine Postleitzahl hat fünf Ziffern."), field="postcode")
    if not CODE_SHAPE.fullmatch(place.code):
        raise Invalid(_("Das Kürzel hat 2 bis 8 Großbuchstaben oder Ziffern."), field="code")
    if session.scalar(sa.select(Counter.id).where(Counter.code == place.code)):
        raise Invalid(_("Dieses Kürzel gibt es schon."), field="code")


def set_active(counter_id: UUID, active: bool) -> None:
    """Open or close it. A closed counter sells nothing; what it owes, it still owes."""
    counter = lock_one(Counter, counter_id)
    if counter.active != active:
        counter.active = active
        audit.record("counter.reopened" if active else "counter.closed", "counter", counter.id)


def load_own_counter(counter_id: UUID, issuer_ids: Iterable[UUID]) -> Counter:
    """A counter of one of these issuers. Refuses others (`NotFound`)."""
    counter = session.get(Counter, counter_id)
    if counter is None or counter.issuer_id not in set(issuer_ids):
        raise NotFound(_("Diese Verkaufsstelle gibt es nicht."))
    return counter


def propose_credit_line(counter_id: UUID, cents: int, *, person_id: UUID, reason: str, key: str) -> UUID:
    """Propose another credit line: a second person must approve it, because vouchers come into being within it."""
    counter = session.get(Counter, counter_id)
    if counter is None:
        raise NotFound(_("Diese Verkaufsstelle gibt es nicht."))
    if not 0 <= cents <= MAX_CREDIT_LINE_CENTS:
        raise Invalid(_("Ein Rahmen reicht von 0 bis %(most)s.", most=euro(MAX_CREDIT_LINE_CENTS)), field="line")
    draft = ProposalDraft(
        kind=PROPOSAL_KIND,
        issuer_id=counter.issuer_id,
        reason=reason,
        cents=cents,
        details={"counter": str(counter_id), "name": counter.name},
        key=key,
    )
    return proposing.propose(draft, person_id)


def set_credit_line(counter_id: UUID, cents: int) -> None:
    """Set the credit line. Refuses more than own funds in the pool can stand for (`line_not_covered`).

    What counters sell lies in their drawers until they pay, while the vouchers are owed at once: the issuer's own money
    in the trust account must cover all open and all still possible sales of all its counters (invariant I-1).
    """
    counter = session.get_one(Counter, counter_id)
    funds.lock_own_funds(counter.issuer_id)
    counters = lock(Counter, session.scalars(sa.select(Counter.id).where(Counter.issuer_id == counter.issuer_id)))
    others = sum(c.free_cents for c in counters if c.id != counter_id)
    free = _find_own_funds(counter.issuer_id) - others
    if cents > counter.credit_line_cents and max(0, cents - counter.open_cents) > free:
        raise Refused(
            _("Im Treuhandkonto liegen dafür nur %(free)s eigenes Geld.", free=euro(max(0, free))), "line_not_covered"
        )
    audit.record("counter.line", "counter", counter.id, cents=cents, before=counter.credit_line_cents)
    counter.credit_line_cents = cents


def _find_own_funds(issuer_id: UUID) -> int:
    """What lies in the pool beyond all debts; before the first voucher nothing is owed, and all of it is own money."""
    found = cover.compute_cover(issuer_id)
    if found.owed_cents:
        return found.free_cents
    return balances.load_balance(issuer_id, "TB") + balances.load_balance(issuer_id, "PSP")


def settle_counter(counter_id: UUID, receipt_id: UUID, *, person_id: UUID, key: str) -> CounterPayment:
    """What the bank has received (`receipt_id`) pays what the counter owes: KZ an SF. What is more stays with the bank.

    A repeated key gives the first payment again. Refuses (`NotFound`) receipts of other issuers, (`Refused`) counters
    that owe nothing and receipts that are decided about.
    """
    counter = lock_one(Counter, counter_id)
    mine = CounterPayment.counter_id == counter_id
    earlier = session.scalars(sa.select(CounterPayment).where(mine, CounterPayment.key == key)).one_or_none()
    if earlier:
        if earlier.receipt_id != receipt_id:
            raise Refused(_("Diese Seite hat schon einen anderen Eingang gebucht."), "key_reused")
        return earlier
    if not counter.open_cents:
        raise Refused(_("Diese Verkaufsstelle schuldet gerade nichts."), "nothing_open")
    placement = allocation.allocate_to_claim(
        receipt_id,
        counter.id,
        counter.open_cents,
        ledger_id=counter.issuer_id,
        person_id=person_id,
        note=f"Verkaufsstelle {counter.code}",
    )
    return _record_payment(counter, session.get_one(BankReceipt, receipt_id), placement.cents, person_id, key)


def _record_payment(counter: Counter, receipt: BankReceipt, cents: int, person_id: UUID, key: str) -> CounterPayment:
    payment = CounterPayment(
        id=uuid7(),
        counter_id=counter.id,
        receipt_id=receipt.id,
        cents=cents,
        paid_on=receipt.booked_on,
        reference=f"{receipt.bank_reference} {receipt.payer_name}".strip(),
        recorded_by=person_id,
        key=key,
    )
    session.add(payment)
    counter.open_cents -= cents
    session.flush()
    audit.record("counter.payment", "counter", counter.id, cents=cents, receipt=str(receipt.id))
    return payment


def _carry_out(proposal: Proposal) -> None:
    set_credit_line(UUID(proposal.details["counter"]), proposal.cents)


def _describe(proposal: Proposal) -> list[tuple[str, str]]:
    return [(_("Verkaufsstelle"), str(proposal.details["name"])), (_("Neuer Rahmen"), euro(proposal.cents))]


def _sum_promised(issuer_id: UUID) -> int:
    """What the issuer's counters may still sell before they pay: own funds stand for it."""
    counters = session.scalars(
        sa.select(Counter).where(Counter.issuer_id == issuer_id).execution_options(populate_existing=True)
    )
    return sum(counter.free_cents for counter in counters)


def plug() -> None:
    """Register the kind of proposal, and what own funds stand for."""
    funds.reserved["counters"] = _sum_promised
    kinds.register(ProposalKind(PROPOSAL_KIND, lazy("Rahmen einer Verkaufsstelle"), _carry_out, _describe))
