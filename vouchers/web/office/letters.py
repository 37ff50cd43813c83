"""The issuer's office: letter cards that were bought and wait to be printed and posted."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from foundation.database import transact
from foundation.errors import Refused
from foundation.languages import _
from foundation.security import limit
from foundation.wiring import audience
from money.errors import order_unknown
from people.web.guards import list_memberships, requires
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherSale
from vouchers.purchases.states import SaleEventKind
from vouchers.sales import letters

PERMISSION = "vouchers.propose"

pages = audience("office_letters", __name__, guard=requires(PERMISSION), url_prefix="/office/briefe")


@pages.get("")
def worklist() -> str:
    """Show what should be in the post within three days, the most urgent first."""
    due = [(sale, queries.load_programme(sale.programme_id)) for sale in letters.list_due()]
    mine = [(sale, programme) for sale, programme in due if programme.issuer_id in _issuers()]
    events = queries.list_events([sale.id for sale, _programme in mine])
    printed = {
        sale_id for sale_id, found in events.items() if any(e.kind == SaleEventKind.LETTER_PRINTED for e in found)
    }
    return render_template("vouchers/office/letters/worklist.html", letters=mine, printed=printed)


@pages.post("/<uuid:sale_id>/drucken")
@limit("60 per minute")
def card(sale_id: UUID) -> ResponseReturnValue:
    """Print the letter as PDF. Printing makes new codes; those printed before become worthless."""
    sale = _mine(sale_id)
    try:
        paper = transact(letters.print_letter, sale.id)
    except Refused as error:
        flash(str(error.sentence), "warn")
        return redirect(url_for("office_letters.worklist"), 303)
    name = f"Brief-{sale.number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(paper, mimetype="application/pdf", headers=headers)


@pages.post("/<uuid:sale_id>/verschickt")
def confirm_posting(sale_id: UUID) -> ResponseReturnValue:
    """Record that the letter was posted."""
    sale = _mine(sale_id)
    try:
        transact(letters.mark_posted, sale.id)
        flash(_("Notiert: Der Brief ist unterwegs."), "ok")
    except Refused as error:
        flash(str(error.sentence), "warn")
    return redirect(url_for("office_letters.worklist"), 303)


def _issuers() -> set[UUID]:
    return {m.organisation_id for m in list_memberships(PERMISSION)}


def _mine(sale_id: UUID) -> VoucherSale:
    """A sale of one of the person's issuers; others' do not exist here."""
    sale = queries.load_sale(sale_id)
    if queries.load_programme(sale.programme_id).issuer_id not in _issuers():
        raise order_unknown()
    return sale
