"""Several vouchers for one receipt of the shop: the sum is typed once, each voucher takes only what is still missing.

What is paid follows from what was redeemed today under the receipt's number: nothing is kept beside it.
"""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from foundation.clock import berlin, now, today
from foundation.errors import DomainError, Invalid
from foundation.forms import accept_fields
from foundation.languages import _
from money import amount
from vouchers.stored_value.codes import SYMBOLS
from vouchers.tills import redeeming
from vouchers.tills.redemption_log import LoggedRedemption
from vouchers.web.fields import read_refusal
from vouchers.web.till import errors, form_input, mode
from vouchers.web.till.blueprint import till


@dataclass(frozen=True)
class SplitReceipt:
    """One receipt of the shop: its number, its sum, and what vouchers paid of it, in cents."""

    receipt_no: str
    total: int
    taken: list[LoggedRedemption]

    @property
    def paid(self) -> int:
        """What vouchers paid of it."""
        return sum(line.net for line in self.taken)

    @property
    def missing(self) -> int:
        """What is still to be paid."""
        return max(self.total - self.paid, 0)

    @property
    def query(self) -> dict[str, Any]:
        """How it stands in an address."""
        return {"receipt_no": self.receipt_no, "total": self.total}


def read_split_receipt() -> SplitReceipt | None:
    """Read the receipt that the present form or address belongs to. Nothing when there is no sum."""
    total, number = request.values.get("total", ""), form_input.read_receipt_no()
    if not (total.isascii() and total.isdigit() and len(total) <= 8 and number and int(total)):
        return None
    return load_split_receipt(number, int(total))


def load_split_receipt(receipt_no: str, total: int) -> SplitReceipt:
    """Load the receipt of this number at this till today."""
    place = g.till_session.till
    return SplitReceipt(
        receipt_no, total, mode.redemption_log().under(place.outlet_id, receipt_no, day=today(), till_id=place.id)
    )


def make_receipt_no() -> str:
    """Make a number for a receipt that has none: time of day and two symbols."""
    return f"{berlin(now()):%H%M%S}-{''.join(secrets.choice(SYMBOLS) for _n in range(2))}"


@till.get("/bon")
def begin(errors: dict[str, object] | None = None) -> str:
    """Type the receipt's sum, and its number where there is one."""
    return render_template("vouchers/till/split_receipt/begin.html", errors=errors or {}, values=request.form)


@till.post("/bon")
@accept_fields("amount", "receipt_no")
def start() -> Answer | tuple[str, int]:
    """Begin a receipt that several vouchers pay, and go on to the first."""
    try:
        total = amount.parse(request.form.get("amount", ""), maximum=redeeming.MAX_REDEMPTION_CENTS)
        number = form_input.read_receipt_no() or make_receipt_no()
    except Invalid as error:
        return begin(read_refusal(error, {"form": "amount"})), 422
    return redirect(url_for("till.scan", receipt_no=number, total=total))


@till.get("/bon/stand")
def state() -> str:
    """Show what is paid and what is missing, voucher by voucher."""
    found = read_split_receipt()
    if found is None:
        raise errors.split_receipt_unknown()
    return render_template("vouchers/till/split_receipt/state.html", bill=found, key=str(uuid4()))


@till.post("/bon/storno")
@accept_fields("receipt_no", "total", "key", "reason")
def cancel() -> Answer:
    """Void all that was taken for the receipt. Each void has a key of its own that follows from that of the form."""
    found = read_split_receipt()
    if found is None:
        raise errors.split_receipt_unknown()
    back = redirect(url_for("till.state", **found.query))
    try:
        key, reason = form_input.read_key(), form_input.read_reason()
    except Invalid as error:
        flash(str(error.sentence), "bad")
        return back
    returned, troubles = _void_each([line for line in found.taken if not line.returned], key, reason)
    for sentence in troubles:
        flash(sentence, "bad")
    if returned:
        flash(_("Storniert. %(sum)s sind zurück auf den Gutscheinen.", sum=amount.euro(returned)), "ok")
    return back


def _void_each(lines: list[LoggedRedemption], key: str, reason: str) -> tuple[int, list[str]]:
    returned, troubles = 0, []
    for line in lines:
        try:
            void_key = str(uuid5(NAMESPACE_URL, f"{key}|{line.id}"))
            mode.till_service().void(
                g.till_session.bearer, UUID(str(line.id)), key=void_key, reason=reason, staff_id=g.till_session.staff.id
            )
            returned += line.cents
        except DomainError as error:
            troubles.append(f"{line.programme} …{line.last4}: {error.sentence}")
    return returned, troubles
