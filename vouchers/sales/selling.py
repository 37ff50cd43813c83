"""Selling: from the form to the certain money. Called by the voucher shop and, as a payable, by payments."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import clock, links
from foundation.database import lock_one, session, uuid7
from foundation.errors import Invalid, NotFound, Refused
from foundation.jobs import enqueue
from foundation.languages import _
from money.amount import euro
from money.law.queries import legal
from money.payments.opening import Wish, open_payment
from money.payments.payables import Owed, Share
from vouchers import issuing
from vouchers.models import Programme
from vouchers.sales import addresses, delivering, mail, queries
from vouchers.sales.models import DESIGNS, VoucherSale

KIND = queries.KIND
MESSAGE_LIMIT = 400
NAME_LIMIT = 80
ALPHABET = "ACDEFGHJKLMNPQRTUVWXY3479"
ONE_BUYER = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('voucher buyer ' || :buyer, 0))")
LATEST = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the buyer asked for. `cents` is euro cents; `deliver_at` is when a gift is mailed, none means at once."""

    programme_id: UUID
    cents: int
    buyer_email: str
    buyer_name: str = ""
    language: str = "de"
    gift: bool = False
    recipient_email: str | None = None
    recipient_name: str = ""
    recipient_language: str = "de"
    message: str = ""
    design: str = "feld"
    deliver_at: datetime | None = None
    postcode: str | None = None


def draft(wanted: Wanted) -> UUID:
    """Write the wish down. Nothing is owed yet. Refuses (`Invalid`, with `field`) what the programme does not sell."""
    programme = _sold(wanted.programme_id)
    _check(programme, wanted)
    sale = VoucherSale(id=uuid7(), number=f"MG-{_readable(4)}-{_readable(4)}", **vars(wanted))
    if not wanted.gift:
        sale.recipient_email, sale.deliver_at, sale.message = None, None, ""
    session.add(sale)
    session.flush()
    return sale.id


def _readable(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(length))


def _sold(programme_id: UUID) -> Programme:
    programme = session.get(Programme, programme_id)
    if programme is None or not programme.on_sale:
        raise NotFound(_("Diesen Gutschein gibt es gerade nicht zu kaufen."))
    return programme


def _check(programme: Programme, wanted: Wanted) -> None:
    lowest = max(programme.min_cents, legal("voucher.least_cents"))
    highest = min(programme.max_cents, legal("voucher.most_cents"))
    if not lowest <= wanted.cents <= highest:
        least, most = euro(lowest), euro(highest)
        raise Invalid(
            _("Bitte wählen Sie einen Betrag von %(least)s bis %(most)s.", least=least, most=most), field="amount"
        )
    if wanted.gift and not wanted.recipient_email:
        raise Invalid(_("Bitte geben Sie an, wer den Gutschein bekommt."), field="recipient_email")
    if wanted.design not in DESIGNS:
        raise Invalid(_("Bitte wählen Sie ein Motiv."), field="design")
    if len(wanted.message) > MESSAGE_LIMIT:
        raise Invalid(_("Der Gruß ist zu lang (höchstens %(n)s Zeichen).", n=MESSAGE_LIMIT), field="message")
    if max(len(wanted.buyer_name), len(wanted.recipient_name)) > NAME_LIMIT:
        raise Invalid(_("Der Name ist zu lang (höchstens %(n)s Zeichen).", n=NAME_LIMIT), field="recipient_name")
    if wanted.deliver_at and not clock.now() - timedelta(days=1) < wanted.deliver_at < clock.now() + LATEST:
        raise Invalid(_("Bitte wählen Sie einen Tag innerhalb der nächsten zwölf Monate."), field="deliver_on")


def order(sale_id: UUID, *, method: str, shown_cents: int) -> UUID:
    """Order with obligation to pay and open the payment; gives its id. The same order again gives the same payment.

    Refuses when the page showed another amount (`Refused`), and what one payer may buy without an account in 30 days.
    """
    sale = lock_one(VoucherSale, sale_id)
    if shown_cents != sale.cents:
        raise Refused(_("Der Betrag hat sich geändert. Bitte prüfen Sie die Angaben noch einmal."), "total_changed")
    if sale.state in {"paid", "delivered"}:
        raise Refused(_("Dieser Gutschein ist schon bezahlt."), "already_paid")
    _within_limit(sale)
    if sale.state == "draft":
        sale.state, sale.ordered_at = "ordered", clock.now()
        sale.terms_hash = queries.terms_hash(queries.programme(sale.programme_id))
    session.flush()
    payment_id = open_payment(
        KIND, sale.id, [Wish(method, sale.cents)], key=f"{sale.id}:{queries.failed_payments(sale.id)}:{method}"
    )
    sale.payment_id = payment_id
    return payment_id


def _within_limit(sale: VoucherSale) -> None:
    # One buyer's orders are counted one after the other: two at the same moment would not see each other.
    session.execute(ONE_BUYER, {"buyer": sale.buyer_email.lower()})
    most = legal("voucher.payer_30_days_cents")
    since = clock.now() - timedelta(days=30)
    bought = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(VoucherSale.cents), 0)).where(
            sa.func.lower(VoucherSale.buyer_email) == sale.buyer_email.lower(),
            VoucherSale.state.in_(("ordered", "paid", "delivered")),
            VoucherSale.ordered_at > since,
            VoucherSale.id != sale.id,
        )
    )
    if int(bought or 0) + sale.cents > most:
        raise Refused(
            _("Ohne Prüfung verkaufen wir in 30 Tagen höchstens %(most)s an eine Person.", most=euro(most)),
            "payer_limit",
        )


def _town(sale: VoucherSale) -> str | None:
    """Where the value counts as issued: a city voucher in its town, a regional one where the buyer says to live."""
    towns = queries.programme(sale.programme_id).towns
    return towns[0].ags if len(towns) == 1 else queries.town_of(sale.postcode)


class SalePayable:
    """What payments must know about a sale."""

    kind = KIND

    def owed(self, ref_id: UUID) -> Owed:
        """The face value, in the issuer's own ledger. Vouchers are never bought with vouchers."""
        sale = _sale(ref_id)
        programme = queries.programme(sale.programme_id)
        title = _("%(programme)s über %(amount)s", programme=programme.name, amount=euro(sale.cents))
        share = Share(sale.id, None, programme.issuer_id, sale.cents, title)
        return Owed(
            cents=sale.cents,
            title=title,
            shares=(share,),
            rail="issuer",
            ledger_id=programme.issuer_id,
            email=sale.buyer_email,
            language=sale.language,
            excluded_methods=frozenset({"voucher", "pickup"}),
        )

    def secured(self, ref_id: UUID, payment_id: UUID) -> None:
        """The money is there: the voucher exists from now on. Its secrets are made when it is delivered."""
        sale = lock_one(VoucherSale, ref_id)
        if sale.voucher_id:
            return
        sale.voucher_id = issuing.issue(
            sale.programme_id,
            sale.cents,
            funding=issuing.Funding("KZ", payment_id),
            actor_id=sale.id,
            key=f"sale:{sale.id}",
            issue_ags=_town(sale),
        ).voucher_id
        sale.state, sale.paid_at = "paid", clock.now()
        mail.confirm(sale)
        enqueue(delivering.deliver_sale, at=sale.deliver_at, sale_id=str(sale.id))

    def failed(self, ref_id: UUID, payment_id: UUID, reason: str) -> None:
        """Nothing was paid. The order stays, so that the buyer can choose another way to pay."""

    def page(self, ref_id: UUID) -> str:
        """Where the buyer reads how it stands."""
        return f"/gutscheine/bestellung/{addresses.link_of(ref_id)}"


def sale_of(link: str) -> VoucherSale:
    """The sale of a signed link. Refuses with `NotFound`."""
    return _sale(UUID(links.unsign("voucher-sale", link)))


def _sale(sale_id: UUID) -> VoucherSale:
    sale = session.get(VoucherSale, sale_id)
    if sale is None:
        raise NotFound(_("Diese Bestellung gibt es nicht."))
    return sale
