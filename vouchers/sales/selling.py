"""Selling: from the form to the order with obligation to pay. Called by the voucher shop."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import clock
from foundation.database import lock_one, session, uuid7
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from money.amount import euro
from money.law.queries import load_legal_value
from money.payments.opening import TenderRequest, open_payment
from vouchers.network import gate, limits
from vouchers.purchases import queries, wording
from vouchers.purchases.models import DESIGNS, WAYS, VoucherOrder, VoucherSale
from vouchers.sales import conditions
from vouchers.stored_value.models import Programme

MAX_MESSAGE_CHARACTERS = 400
MAX_NAME_CHARACTERS = 80
MAX_STREET_CHARACTERS = 80
MAX_ORDER_SALES = 20
NUMBER_SYMBOLS = "ACDEFGHJKLMNPQRTUVWXY3479"
LOCK_FORM = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:about || :who, 0))")
MAX_DELIVERY_AHEAD = timedelta(days=365)
SLOW_METHODS = ("transfer", "sepa_debit")
SLOW_CLAIM_TTL = timedelta(days=21)


@dataclass(frozen=True, kw_only=True)
class VoucherRequest:
    """What the buyer asked for. `cents` is euro cents; `deliver_at` is when a gift is mailed, none means at once.

    `way` is how a gift reaches its recipient; `street` and `town_line` ("48653 Coesfeld") are for a letter.
    """

    programme_id: UUID
    cents: int
    buyer_email: str
    buyer_name: str = ""
    language: str = "de"
    gift: bool = False
    way: str = "mail"
    recipient_email: str | None = None
    recipient_name: str = ""
    recipient_language: str = "de"
    street: str | None = None
    town_line: str | None = None
    message: str = ""
    design: str = "feld"
    picture_id: UUID | None = None
    deliver_at: datetime | None = None
    postcode: str | None = None


def draft_sale(
    wanted: VoucherRequest, *, order_id: UUID | None = None, form_key: str | None = None, person_id: UUID | None = None
) -> UUID:
    """Write a wish down, in a new order or as one more line of `order_id`; gives the sale's id. Nothing is owed yet.

    The same `form_key` (one filled form) is one sale: sent again it is changed, not added. Refuses (`Invalid`, with
    `field`) what the programme does not sell, and (`Refused`) orders that were placed already or are full.
    """
    wanted = normalise(wanted)
    known = _find_by_form(form_key)
    if known and known.state == "draft":
        change_sale(known.id, wanted)
        return known.id
    sale_id = uuid7()
    order = _lock_draft_order(order_id) if order_id else None
    if order is None:
        order = _create_order(sale_id, wanted, person_id)
    _add_sale(order, sale_id, wanted, None if known else form_key)
    return sale_id


def draft_list(wishes: Sequence[VoucherRequest], *, form_key: str, person_id: UUID | None = None) -> UUID:
    """An order with a line for each wish, all or none; gives the order's id. The same `form_key` is the same order."""
    session.execute(LOCK_FORM, {"about": "voucher list ", "who": form_key})
    known = session.scalars(sa.select(VoucherOrder).where(VoucherOrder.form_key == form_key)).one_or_none()
    if known:
        return known.id
    fitting = [normalise(wanted) for wanted in wishes]
    order = _create_order(uuid7(), fitting[0], person_id)
    order.form_key = form_key
    for place, wanted in enumerate(fitting):
        _add_sale(order, order.id if place == 0 else uuid7(), wanted, None, place + 1)
    return order.id


def change_sale(sale_id: UUID, wanted: VoucherRequest) -> None:
    """Replace a line by what the buyer wants now. Refuses what was ordered, and what `draft` refuses."""
    sale = _lock_draft_sale(sale_id)
    order = lock_one(VoucherOrder, sale.order_id)
    wanted = normalise(wanted)
    for name, value in vars(wanted).items():
        if name != "picture_id" or value is not None:
            setattr(sale, name, value)
    for each in queries.list_sales(order.id):
        each.buyer_email, each.buyer_name = wanted.buyer_email, wanted.buyer_name
    order.buyer_email, order.buyer_name = wanted.buyer_email, wanted.buyer_name
    session.flush()


def remove_sale(sale_id: UUID) -> None:
    """Take a line out of an order. Refuses the last one, and what was ordered."""
    sale = _lock_draft_sale(sale_id)
    lock_one(VoucherOrder, sale.order_id)
    if len(queries.list_sales(sale.order_id)) == 1:
        raise Refused(_("Das ist der letzte Gutschein der Bestellung."), "last_line")
    session.delete(sale)
    session.flush()


def drop_picture(sale_id: UUID) -> None:
    """Leave out the buyer's own picture. Refuses what was ordered."""
    _lock_draft_sale(sale_id).picture_id = None
    session.flush()


def place_order(order_id: UUID, *, method: str, shown_cents: int) -> UUID:
    """Order with obligation to pay and open the payment; gives its id. The same order again gives the same payment.

    Refuses (`Refused`) when the page showed another amount, and more than the charter sells in a month or to one payer.
    """
    placed = lock_one(VoucherOrder, order_id)
    sales = queries.list_sales(order_id, lock=True)
    total = sum(sale.cents for sale in sales)
    if shown_cents != total:
        raise Refused(_("Der Betrag hat sich geändert. Bitte prüfen Sie die Angaben noch einmal."), "total_changed")
    if placed.state not in {"draft", "ordered"}:
        raise Refused(_("Diese Bestellung ist schon bezahlt."), "already_paid")
    if placed.state == "draft":
        _mark_ordered(placed, sales)
    _claim_limits(placed, sales, method)
    session.flush()
    kind = queries.payment_kind(order_id)
    tries = queries.count_failed_payments(order_id)
    payment_id = open_payment(kind, order_id, [TenderRequest(method, total)], key=f"{order_id}:{tries}:{method}")
    placed.payment_id = payment_id
    for sale in sales:
        sale.payment_id = payment_id
    return payment_id


def _mark_ordered(placed: VoucherOrder, sales: list[VoucherSale]) -> None:
    placed.state, placed.ordered_at = "ordered", clock.now()
    for sale in sales:
        programme = _load_programme_on_sale(sale.programme_id)
        _check_request(programme, sale)
        sale.state, sale.ordered_at = "ordered", placed.ordered_at
        sale.terms_hash = conditions.store_text(programme, placed.language)


def _claim_limits(placed: VoucherOrder, sales: list[VoucherSale], method: str) -> None:
    """Count the order against the charters' limits until it is paid; a transfer or debit may take weeks."""
    parts: dict[UUID, int] = {}
    for sale in sales:
        parts[sale.programme_id] = parts.get(sale.programme_id, 0) + sale.cents
    lapses_at = clock.now() + SLOW_CLAIM_TTL if method in SLOW_METHODS else None
    limits.claim_sale(placed.id, parts, payer=placed.buyer_email, lapses_at=lapses_at)


def normalise(wanted: VoucherRequest) -> VoucherRequest:
    """What was asked for, without what its way of giving does not need."""
    _check_request(_load_programme_on_sale(wanted.programme_id), wanted)
    if not wanted.gift:
        return replace(
            wanted, way="mail", recipient_email=None, deliver_at=None, message="", street=None, town_line=None
        )
    if wanted.way != "letter":
        wanted = replace(wanted, street=None, town_line=None)
    if wanted.way == "print":
        wanted = replace(wanted, deliver_at=None)
    return wanted if wanted.way == "mail" else replace(wanted, recipient_email=None)


def _load_programme_on_sale(programme_id: UUID) -> Programme:
    programme = session.get(Programme, programme_id)
    if programme is None or not programme.on_sale:
        raise NotFound(_("Diesen Gutschein gibt es gerade nicht zu kaufen."))
    gate.require_on_sale(programme)
    return programme


def _check_request(programme: Programme, wanted: VoucherRequest | VoucherSale) -> None:
    lowest, highest = find_amount_range(programme)
    if not lowest <= wanted.cents <= highest:
        least, most = euro(lowest), euro(highest)
        raise Invalid(
            _("Bitte wählen Sie einen Betrag von %(least)s bis %(most)s.", least=least, most=most), field="amount"
        )
    if wanted.design not in DESIGNS:
        raise Invalid(_("Bitte wählen Sie ein Motiv."), field="design")
    if len(wanted.message) > MAX_MESSAGE_CHARACTERS:
        raise Invalid(_("Der Gruß ist zu lang (höchstens %(n)s Zeichen).", n=MAX_MESSAGE_CHARACTERS), field="message")
    if max(len(wanted.buyer_name), len(wanted.recipient_name or "")) > MAX_NAME_CHARACTERS:
        raise Invalid(
            _("Der Name ist zu lang (höchstens %(n)s Zeichen).", n=MAX_NAME_CHARACTERS), field="recipient_name"
        )
    for field in ("message", "buyer_name", "recipient_name", "street", "town_line"):
        wording.clean_text(getattr(wanted, field) or "", field=field)
    if wanted.deliver_at and not clock.now() - timedelta(days=1) < wanted.deliver_at < clock.now() + MAX_DELIVERY_AHEAD:
        raise Invalid(_("Bitte wählen Sie einen Tag innerhalb der nächsten zwölf Monate."), field="deliver_on")
    if wanted.gift:
        _check_delivery(wanted)


def _check_delivery(wanted: VoucherRequest | VoucherSale) -> None:
    if wanted.way not in WAYS:
        raise Invalid(_("Bitte wählen Sie, wie der Gutschein ankommt."), field="gift")
    if wanted.way == "mail" and not wanted.recipient_email:
        raise Invalid(_("Bitte geben Sie an, wer den Gutschein bekommt."), field="recipient_email")
    if wanted.way != "letter":
        return
    if not wanted.recipient_name:
        raise Invalid(_("Bitte geben Sie an, an wen der Brief geht."), field="recipient_name")
    if not wanted.street or len(wanted.street) > MAX_STREET_CHARACTERS:
        raise Invalid(_("Bitte geben Sie Straße und Hausnummer an."), field="street")
    if not wanted.town_line or len(wanted.town_line) > MAX_STREET_CHARACTERS:
        raise Invalid(_("Bitte geben Sie Postleitzahl und Ort an."), field="town_line")


def find_amount_range(programme: Programme) -> tuple[int, int]:
    """The least and the most that one voucher of a programme may be worth, in cents: its charter within the law."""
    return (
        max(programme.min_cents, load_legal_value("voucher.least_cents")),
        min(programme.max_cents, load_legal_value("voucher.most_cents")),
    )


def _find_by_form(form_key: str | None) -> VoucherSale | None:
    if form_key is None:
        return None
    session.execute(LOCK_FORM, {"about": "voucher form ", "who": form_key})
    return session.scalars(sa.select(VoucherSale).where(VoucherSale.form_key == form_key)).one_or_none()


def _create_order(order_id: UUID, wanted: VoucherRequest, person_id: UUID | None) -> VoucherOrder:
    made = VoucherOrder(
        id=order_id,
        number=f"GB-{_make_number(4)}-{_make_number(4)}",
        buyer_email=wanted.buyer_email,
        buyer_name=wanted.buyer_name,
        language=wanted.language,
        person_id=person_id,
        state="draft",
    )
    session.add(made)
    session.flush()
    return made


def _lock_draft_order(order_id: UUID) -> VoucherOrder | None:
    found = lock_one(VoucherOrder, order_id)
    if found.state != "draft":
        raise Refused(_("Diese Bestellung ist schon abgeschickt. Bitte beginnen Sie eine neue."), "already_ordered")
    if len(queries.list_sales(order_id)) >= MAX_ORDER_SALES:
        raise Refused(
            _("In eine Bestellung passen %(n)s Gutscheine. Für mehr nehmen Sie bitte die Liste.", n=MAX_ORDER_SALES),
            "basket_full",
        )
    return found


def _add_sale(
    order: VoucherOrder, sale_id: UUID, wanted: VoucherRequest, form_key: str | None, place: int | None = None
) -> None:
    values = vars(wanted) | {
        "buyer_email": order.buyer_email,
        "buyer_name": order.buyer_name,
        "language": order.language,
    }
    if place is None:
        place = max((each.position for each in queries.list_sales(order.id)), default=0) + 1
    number = f"MG-{_make_number(4)}-{_make_number(4)}"
    session.add(VoucherSale(id=sale_id, order_id=order.id, position=place, number=number, form_key=form_key, **values))
    session.flush()


def _lock_draft_sale(sale_id: UUID) -> VoucherSale:
    sale = lock_one(VoucherSale, sale_id)
    if sale.state != "draft":
        raise Refused(_("Diese Bestellung ist schon abgeschickt."), "already_ordered")
    return sale


def _make_number(length: int) -> str:
    return "".join(secrets.choice(NUMBER_SYMBOLS) for _place in range(length))
