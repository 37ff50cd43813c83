"""The issuer's office: batches of cards, the file for the print shop, where the cards are."""

from uuid import UUID, uuid4

from flask import Response, flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation.database import transact
from foundation.errors import DomainError
from foundation.http import status_of
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import acting_person_id, requires
from vouchers.cards import batches, movements, queries
from vouchers.cards.movements import CardMove
from vouchers.cards.states import CardMovementKind
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.models import Programme
from vouchers.web.fields import read_errors, read_refusal
from vouchers.web.office.access import list_issuers
from vouchers.web.office.errors import counter_not_chosen
from vouchers.web.office.forms import BatchForm, MoveForm

PERMISSION = "cards.manage"

pages = audience("office_cards", __name__, guard=requires(PERMISSION), url_prefix="/office/karten")


@pages.get("")
def cards() -> str:
    """Show the batches, the latest movements, and the forms for more."""
    return _page({})


@pages.post("/charge")
def make() -> Response | str | tuple[str, int]:
    """Make a batch; the answer is the file for the print shop, this one time."""
    try:
        data = BatchForm().load(request.form)
        programme = _programme(data.pop("programme"))
        batch = transact(batches.make_batch, programme.id, made_by=f"person:{acting_person_id()}", **data)
    except ValidationError as error:
        return _page(read_errors(error)), 422
    except DomainError as error:
        return _page(read_refusal(error)), status_of(error)
    name = f"karten-{programme.slug}-{batch.cards[0].number.replace(' ', '')}-{len(batch.cards)}.csv"
    text = "".join(batches.write_print_file(batch.cards))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@pages.post("/weg")
def move() -> Answer | str | tuple[str, int]:
    """Send a range to a counter, take it back, block what is lost, destroy it."""
    try:
        data = MoveForm().load(request.form)
        count = transact(
            movements.move_cards,
            CardMove(
                CardMovementKind(data["kind"]),
                data["first"],
                data["last"],
                counter_id=_uuid(data["counter"]) if data["kind"] == CardMovementKind.SENT else None,
                reason=data["reason"],
            ),
            issuer_id=_issuer(data["counter"]),
            by=f"person:{acting_person_id()}",
        )
    except ValidationError as error:
        return _page(read_errors(error)), 422
    except DomainError as error:
        return _page(read_refusal(error)), status_of(error)
    flash(_("%(n)s Karten: %(what)s.", n=count, what=_words()[data["kind"]]), "ok")
    return redirect(url_for("office_cards.cards"), 303)


def issuers() -> list[UUID]:
    """List the issuers for which the present person works with cards."""
    return list_issuers(PERMISSION)


def _page(errors: dict[str, object]) -> str:
    mine = issuers()
    return render_template(
        "vouchers/office/cards/cards.html",
        batches=queries.list_batches(mine),
        movements=queries.list_movements(mine),
        programmes=[(p.id, p.name) for p in queries.list_programmes(mine)],
        counters=[(c.id, c.name) for c, _states in queries.list_counters(mine) if c.active],
        words=_words(),
        values=request.form,
        errors=errors,
        key=str(uuid4()),
        most=batches.MAX_BATCH_CARDS,
    )


def _words() -> dict[str, str]:
    return {
        "made": _("hergestellt"),
        "sent": _("verschickt"),
        "received": _("angekommen"),
        "returned": _("zurückgekommen"),
        "lost": _("verloren, gesperrt"),
        "found": _("wiedergefunden"),
        "destroyed": _("vernichtet"),
    }


def _programme(programme_id: UUID) -> Programme:
    for programme in queries.list_programmes(issuers()):
        if programme.id == programme_id:
            return programme
    raise value_errors.programme_unknown()


def _issuer(counter: str) -> UUID:
    """Whose cards are moved: those of the counter's issuer, or of the only issuer that this person works for."""
    for found, _states in queries.list_counters(issuers()):
        if str(found.id) == counter:
            return found.issuer_id
    return issuers()[0]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise counter_not_chosen() from error
