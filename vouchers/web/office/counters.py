"""The issuer's office: counters, their clerks, their credit line, what they owe and what they paid."""

from uuid import UUID, uuid4

from flask import Response, flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation.database import transact
from foundation.errors import DomainError, Invalid, Refused
from foundation.forms import accept_fields
from foundation.http import status_of
from foundation.languages import _
from foundation.wiring import audience
from money import amount
from people import staffing
from people.queries import list_municipalities
from people.web.guards import acting_person_id, requires
from vouchers.cards import account_csv, credit_lines, queries, settlements, statements
from vouchers.cards import counters as counter_actions
from vouchers.cards.models import Counter
from vouchers.web.fields import read_errors, read_refusal
from vouchers.web.office.cards import PERMISSION, issuers
from vouchers.web.office.forms import PlaceForm

pages = audience("office_counters", __name__, guard=requires(PERMISSION), url_prefix="/office/verkaufsstellen")


@pages.get("")
def counters() -> str:
    """Show all counters of this issuer, and the form for one more."""
    return _list({})


@pages.post("")
def create() -> Answer | str | tuple[str, int]:
    """Open one more counter for the issuer's cards."""
    try:
        counter_id = transact(
            counter_actions.open_counter, issuers()[0], counter_actions.CounterDetails(**PlaceForm().load(request.form))
        )
    except ValidationError as error:
        return _list(read_errors(error)), 422
    except Invalid as error:
        return _list(read_refusal(error, {"form": "email"})), 422
    flash(_("Die Verkaufsstelle ist angelegt. Nun braucht sie Personen, Karten und einen Rahmen."), "ok")
    return redirect(url_for("office_counters.counter", counter_id=counter_id), 303)


@pages.get("/<uuid:counter_id>")
def counter(counter_id: UUID) -> str:
    """Show one counter: its account, its people, its credit line."""
    return _show(_own(counter_id), {})


@pages.get("/<uuid:counter_id>/liste.csv")
def sheet(counter_id: UUID) -> Response:
    """Its account as a file (CSV)."""
    found = _own(counter_id)
    since, until = account_csv.read_period(request.args.get("von", ""), request.args.get("bis", ""))
    text = account_csv.write_account(found, statements.build_statement(found.id, since, until))
    name = f'attachment; filename="{account_csv.build_filename(found, since, until)}"'
    return Response(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@pages.post("/<uuid:counter_id>/zahlung/<uuid:receipt_id>")
@accept_fields("key")
def payment(counter_id: UUID, receipt_id: UUID) -> Answer | tuple[str, int]:
    """Settle what the counter owes with what the bank received."""
    found = _own(counter_id)
    try:
        key = f"{receipt_id}:{request.form.get('key', '')[:64] or uuid4()}"
        payment_made = transact(settlements.settle_counter, found.id, receipt_id, person_id=acting_person_id(), key=key)
    except DomainError as error:
        return _refused(found, error)
    flash(_("%(amount)s sind verrechnet.", amount=amount.euro(payment_made.cents)), "ok")
    return redirect(url_for("office_counters.counter", counter_id=found.id), 303)


@pages.post("/<uuid:counter_id>/rahmen")
@accept_fields("line", "line_reason", "key")
def line(counter_id: UUID) -> Answer | str | tuple[str, int]:
    """Propose another credit line; a second person approves it."""
    found, form = _own(counter_id), request.form
    try:
        cents = amount.parse(form.get("line", ""), minimum=0, maximum=credit_lines.MAX_CREDIT_LINE_CENTS, field="line")
        reason, key = form.get("line_reason", "")[:600], f"{found.id}:{form.get('key', '')[:64]}"
        transact(
            credit_lines.propose_credit_line, found.id, cents, person_id=acting_person_id(), reason=reason, key=key
        )
    except DomainError as error:
        return _refused(found, error)
    flash(_("Der neue Rahmen wartet auf die Freigabe durch eine zweite Person."), "ok")
    return redirect(url_for("office_counters.counter", counter_id=found.id), 303)


@pages.post("/<uuid:counter_id>/personen")
def invite(counter_id: UUID) -> Answer | str | tuple[str, int]:
    """Mail somebody an invitation to sell cards at this counter."""
    found, form = _own(counter_id), request.form
    email, name = form.get("email", "").strip()[:300], form.get("name", "").strip()[:120]
    try:
        transact(staffing.invite, found.organisation_id, email=email, name=name, role="counter_clerk")
    except (Invalid, Refused) as error:
        return _show(found, {"email": str(error.sentence)}), status_of(error)
    flash(_("Die Einladung an %(email)s ist unterwegs. Sie gilt sieben Tage.", email=email), "ok")
    return redirect(url_for("office_counters.counter", counter_id=found.id), 303)


@pages.post("/<uuid:counter_id>/personen/<uuid:person_id>/entfernen")
def remove(counter_id: UUID, person_id: UUID) -> Answer:
    """Take away somebody's access to this counter."""
    found = _own(counter_id)
    transact(staffing.remove_member, found.organisation_id, person_id, by=acting_person_id())
    flash(_("Der Zugang ist entfernt."), "ok")
    return redirect(url_for("office_counters.counter", counter_id=found.id), 303)


@pages.post("/<uuid:counter_id>/offen")
def switch(counter_id: UUID) -> Answer:
    """Close it, or open it again."""
    found = _own(counter_id)
    active = request.form.get("active") == "1"
    transact(counter_actions.set_active, found.id, active)
    flash(_("Die Verkaufsstelle ist geöffnet.") if active else _("Die Verkaufsstelle ist geschlossen."), "ok")
    return redirect(url_for("office_counters.counter", counter_id=found.id), 303)


def _own(counter_id: UUID) -> Counter:
    return counter_actions.load_own_counter(counter_id, issuers())


def _list(errors: dict[str, object]) -> str:
    return render_template(
        "vouchers/office/counters/counters.html",
        rows=queries.list_counters(issuers()),
        towns=[(town.ags, town.name) for town in list_municipalities()],
        values=request.form,
        errors=errors,
    )


def _show(found: Counter, errors: dict[str, object]) -> str:
    since, until = account_csv.read_period(request.args.get("von", ""), request.args.get("bis", ""))
    return render_template(
        "vouchers/office/counters/counter.html",
        counter=found,
        stock=queries.count_stock(found.id),
        statement=statements.build_statement(found.id, since, until),
        receipts=queries.list_open_receipts(found),
        me=acting_person_id(),
        clerks=queries.list_clerks(found.organisation_id),
        values=request.form,
        errors=errors,
        key=str(uuid4()),
    )


def _refused(found: Counter, error: DomainError) -> tuple[str, int]:
    return _show(found, read_refusal(error, {"reason": "line_reason"})), status_of(error)
