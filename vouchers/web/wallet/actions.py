"""What a holder does with a voucher of the wallet: lock, name, hide, be reminded, pass on, merge, renew all codes."""

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import DomainError, Invalid
from foundation.forms import accept_fields
from foundation.http import status_of
from foundation.languages import LANGUAGES, _, current_language
from foundation.security import limit
from money.amount import euro
from vouchers.wallet import blocking, claiming, reminders, transfer
from vouchers.web.wallet.blueprint import load_own, pages, read_key, require_holder
from vouchers.web.wallet.forms import PassOnForm


def _redirect_back(item_id: UUID) -> Response:
    return redirect(url_for("wallet_items.item", item_id=item_id), 303)


@pages.post("/<uuid:item_id>/sperren")
def block(item_id: UUID) -> Response:
    """Block the voucher: nobody can redeem it from now on."""
    voucher_id = load_own(item_id).item.voucher_id
    transact(blocking.block, voucher_id, actor_id=require_holder().id, key=read_key())
    flash(_("Der Gutschein ist gesperrt. Niemand kann ihn einlösen, bis Sie ihn wieder entsperren."), "ok")
    return _redirect_back(item_id)


@pages.post("/<uuid:item_id>/entsperren")
def unblock(item_id: UUID) -> Response:
    """Let the voucher be redeemed again."""
    voucher_id = load_own(item_id).item.voucher_id
    transact(blocking.unblock, voucher_id, actor_id=require_holder().id, key=read_key())
    flash(_("Der Gutschein ist wieder frei."), "ok")
    return _redirect_back(item_id)


@pages.post("/<uuid:item_id>/name")
def rename(item_id: UUID) -> Response:
    """Set the holder's own name for it."""

    def act() -> None:
        claiming.rename_item(load_own(item_id).item, request.form.get("label", ""))

    try:
        transact(act)
        flash(_("Der Name ist gespeichert."), "ok")
    except Invalid as error:
        flash(str(error.sentence), "bad")
    return _redirect_back(item_id)


@pages.post("/<uuid:item_id>/ausblenden")
def hide(item_id: UUID) -> Response:
    """Put it away, or bring it back: it stays in the wallet."""

    def act() -> None:
        load_own(item_id).item.hidden = request.form.get("hidden") == "1"

    transact(act)
    return redirect(url_for("wallet_items.overview"), 303)


@pages.post("/<uuid:item_id>/erinnern")
def remind(item_id: UUID) -> Response:
    """Switch the reminders by mail on or off."""
    on = request.form.get("remind") == "1"
    load_own(item_id)
    transact(reminders.set_reminders, item_id, on=on)
    said = _("Wir erinnern Sie 90 und 30 Tage, bevor Guthaben endet.") if on else _("Die Erinnerungen sind aus.")
    flash(said, "ok")
    return _redirect_back(item_id)


@pages.get("/<uuid:item_id>/weitergeben")
def passing_on(item_id: UUID) -> str:
    """Show the form: to whom, with which words."""
    return _show_passing(item_id, {"language": current_language(), "giver": require_holder().name}, {})


@pages.post("/<uuid:item_id>/weitergeben")
@limit("20 per hour")
@accept_fields(PassOnForm, "key")
def pass_on(item_id: UUID) -> Response | tuple[str, int]:
    """Mail it to the other person; here it is gone."""
    values = request.form.to_dict()

    def act() -> None:
        transfer.pass_on(load_own(item_id), key=read_key(), **PassOnForm().load(values))

    try:
        transact(act)
    except Invalid as error:
        errors = {str(error.details.get("field", "email")): str(error.sentence)}
        return _show_passing(item_id, values, errors), 422
    flash(_("Der Gutschein ist unterwegs. Aus Ihrer Geldbörse ist er verschwunden."), "ok")
    return redirect(url_for("wallet_items.overview"), 303)


def _show_passing(item_id: UUID, values: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "vouchers/wallet/actions/pass_on.html",
        kept=load_own(item_id),
        values=values,
        errors=errors,
        languages=list(LANGUAGES.items()),
        key=values.get("key") or str(uuid4()),
    )


@pages.post("/<uuid:item_id>/zusammenlegen")
@accept_fields("source", "key")
def merge(item_id: UUID) -> Response:
    """Put another voucher of the same programme onto this one."""
    try:
        source = UUID(request.form.get("source", ""))
    except ValueError:
        source = item_id
    try:
        cents = transact(lambda: transfer.merge_items(load_own(source), load_own(item_id), key=read_key()))
        flash(_("%(amount)s liegen jetzt auch auf diesem Gutschein. Alle Enddaten bleiben.", amount=euro(cents)), "ok")
    except DomainError as error:
        if status_of(error) not in {404, 409, 422}:
            raise
        flash(str(error.sentence), "bad")
    return _redirect_back(item_id)


@pages.post("/codes-erneuern")
@limit("10 per hour")
def renew_codes() -> Response:
    """Renew all codes: another telephone shows these vouchers in vain from now on."""
    transact(claiming.renew_codes, require_holder().id)
    flash(_("Alle Codes sind neu. Ein anderes Telefon kann mit den alten nicht mehr bezahlen."), "ok")
    return redirect(url_for("wallet_items.overview"), 303)
