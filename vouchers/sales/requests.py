"""What a buyer asks for: a voucher with its amount, recipient and delivery, checked and normalised. Decision 0310."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from foundation import clock
from foundation.database import session
from money.law.queries import load_legal_value
from vouchers.network import gate
from vouchers.purchases import errors as purchase_errors
from vouchers.purchases import wording
from vouchers.purchases.models import VoucherSale
from vouchers.purchases.states import DEFAULT_DESIGN, DESIGNS, VoucherDelivery
from vouchers.sales import errors
from vouchers.stored_value.models import Programme

MAX_MESSAGE_CHARACTERS = 400
MAX_NAME_CHARACTERS = 80
MAX_STREET_CHARACTERS = 80
MAX_DELIVERY_AHEAD = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class VoucherRequest:
    """What the buyer asked for. `cents` is euro cents; `deliver_at` is when a gift is mailed, none means at once.

    `delivery` is how a gift reaches its recipient; `street` and `town_line` ("48653 Coesfeld") are for a letter.
    """

    programme_id: UUID
    cents: int
    buyer_email: str
    buyer_name: str = ""
    language: str = "de"
    gift: bool = False
    delivery: str = VoucherDelivery.MAIL
    recipient_email: str | None = None
    recipient_name: str = ""
    recipient_language: str = "de"
    street: str | None = None
    town_line: str | None = None
    message: str = ""
    design: str = DEFAULT_DESIGN
    picture_id: UUID | None = None
    deliver_at: datetime | None = None
    postcode: str | None = None


def normalise(request: VoucherRequest) -> VoucherRequest:
    """Drop what the chosen delivery does not need. Refuses (`Invalid`, with `field`) what is not sold like that."""
    check_request(load_programme_on_sale(request.programme_id), request)
    if not request.gift:
        return replace(
            request,
            delivery=VoucherDelivery.MAIL,
            recipient_email=None,
            deliver_at=None,
            message="",
            street=None,
            town_line=None,
        )
    if request.delivery != VoucherDelivery.LETTER:
        request = replace(request, street=None, town_line=None)
    if request.delivery == VoucherDelivery.PRINT:
        request = replace(request, deliver_at=None)
    return request if request.delivery == VoucherDelivery.MAIL else replace(request, recipient_email=None)


def find_amount_range(programme: Programme) -> tuple[int, int]:
    """Find the (minimum, maximum) cents of one voucher of a programme: its charter's limits within those of the law."""
    return (
        max(programme.min_cents, load_legal_value("voucher.least_cents")),
        min(programme.max_cents, load_legal_value("voucher.most_cents")),
    )


def load_programme_on_sale(programme_id: UUID) -> Programme:
    """Load a programme that is sold at present. Refuses (`NotFound`) others, and those whose launch gate is shut."""
    programme = session.get(Programme, programme_id)
    if programme is None or not programme.on_sale:
        raise purchase_errors.programme_not_on_sale()
    gate.require_on_sale(programme)
    return programme


def check_request(programme: Programme, request: VoucherRequest | VoucherSale) -> None:
    """Refuse (`Invalid`, with `field`) what the programme does not sell, and words that state VAT."""
    minimum, maximum = find_amount_range(programme)
    if not minimum <= request.cents <= maximum:
        raise purchase_errors.amount_outside_range(minimum, maximum, "amount")
    if request.design not in DESIGNS:
        raise errors.design_unknown()
    if len(request.message) > MAX_MESSAGE_CHARACTERS:
        raise errors.message_too_long(MAX_MESSAGE_CHARACTERS)
    if max(len(request.buyer_name), len(request.recipient_name or "")) > MAX_NAME_CHARACTERS:
        raise errors.recipient_name_too_long(MAX_NAME_CHARACTERS)
    for field in ("message", "buyer_name", "recipient_name", "street", "town_line"):
        wording.clean_text(getattr(request, field) or "", field=field)
    if (
        request.deliver_at
        and not clock.now() - timedelta(days=1) < request.deliver_at < clock.now() + MAX_DELIVERY_AHEAD
    ):
        raise errors.delivery_day_outside_year()
    if request.gift:
        _check_delivery(request)


def _check_delivery(request: VoucherRequest | VoucherSale) -> None:
    if request.delivery not in set(VoucherDelivery):
        raise errors.delivery_unknown()
    if request.delivery == VoucherDelivery.MAIL and not request.recipient_email:
        raise errors.recipient_email_missing()
    if request.delivery != VoucherDelivery.LETTER:
        return
    if not request.recipient_name:
        raise errors.recipient_name_missing()
    if not request.street or len(request.street) > MAX_STREET_CHARACTERS:
        raise errors.street_missing()
    if not request.town_line or len(request.town_line) > MAX_STREET_CHARACTERS:
        raise errors.town_line_missing()
