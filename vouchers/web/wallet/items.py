"""The wallet: the vouchers of a person, one of them with its rotating code, and putting one more in."""

from uuid import UUID, uuid4

from cryptography.fernet import InvalidToken
from flask import flash, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from foundation import qr
from foundation.database import transact
from foundation.errors import DomainError
from foundation.forms import accept_fields
from foundation.http import status_of
from foundation.languages import _
from foundation.security import allow_scanning, decrypt, limit
from money.amount import euro
from vouchers.stored_value.states import VoucherState
from vouchers.wallet import blocking, claiming, device, queries, refusals, rotating_code
from vouchers.web.wallet.blueprint import HISTORY_COOKIE, answer_receipt, load_own, pages, require_holder, shows_history
from vouchers.web.wallet.voucher import MAX_PIN_CHARACTERS, MAX_TOKEN_CHARACTERS, WAITING_COOKIE

YEAR_SECONDS = 365 * 86400


@pages.get("")
def overview() -> str:
    """Show all vouchers with what is left; a tap on one leads to its code, lots and history."""
    person = require_holder()
    kept = queries.list_items(person.id)
    return render_template(
        "vouchers/wallet/items/overview.html",
        shown=[k for k in kept if not k.item.hidden],
        hidden=[k for k in kept if k.item.hidden],
        total=sum(k.view.balance_cents for k in kept if not k.item.hidden and k.view.state == VoucherState.ACTIVE),
        owner=device.identify_owner(person.id),
        shows_history=shows_history(),
    )


@pages.get("/<uuid:item_id>")
def item(item_id: UUID) -> str:
    """Show one voucher: the code of this half minute, what is left until when, why a till refused, history."""
    kept = load_own(item_id)
    others = [k for k in queries.list_items(require_holder().id) if k.view.programme.id == kept.view.programme.id]
    usable = kept.view.state == VoucherState.ACTIVE and kept.item.totp
    code = rotating_code.build_code(kept.item.handle, decrypt(kept.item.totp or b"").decode()) if usable else None
    return render_template(
        "vouchers/wallet/items/item.html",
        kept=kept,
        view=kept.view,
        code=qr.draw_svg(code) if code else None,
        text=code,
        seconds=rotating_code.count_seconds_left(),
        refusals=refusals.list_refusals(kept.view),
        areas=refusals.describe_areas(kept.view),
        may_unblock=blocking.can_unblock(kept.view.voucher_id),
        mergeable=[
            (k.item.id, f"{k.name}: {euro(k.view.balance_cents)}")
            for k in others
            if k.item.id != item_id and k.view.state == VoucherState.ACTIVE
        ],
        shows_history=shows_history(),
        owner=device.identify_owner(require_holder().id),
        key=str(uuid4()),
    )


@pages.get("/<uuid:item_id>/nachweis")
@limit("20 per minute")
def receipt(item_id: UUID) -> Response:
    """Give the receipt that the voucher's value is in the published books."""
    return answer_receipt(load_own(item_id).view.voucher_id)


@pages.get("/hinzufuegen")
def add() -> str:
    """Show the form for a link or a code with its PIN; or the question whether to put in what was shown before."""
    allow_scanning()
    return _show_add(_read_waiting()[0] != "")


@pages.post("/hinzufuegen")
@limit("20 per minute")
@accept_fields("token", "pin", "waiting", "key")
def add_item() -> Response | tuple[str, int]:
    """Claim it: from now on only this wallet has it."""
    given, pin = request.form.get("token", "")[:MAX_TOKEN_CHARACTERS], request.form.get("pin", "")[:MAX_PIN_CHARACTERS]
    if not given and request.form.get("waiting"):
        given, pin = _read_waiting()
    try:
        item_id = transact(
            claiming.claim, require_holder().id, given, pin, key=request.form.get("key", "")[:64] or str(uuid4())
        )
    except DomainError as error:
        cookie.pop(WAITING_COOKIE, None)
        allow_scanning()
        return _show_add(False, {"token": str(error.sentence)}), status_of(error)
    cookie.pop(WAITING_COOKIE, None)
    flash(_("Der Gutschein liegt jetzt in Ihrer Geldbörse. Der alte Code gilt nicht mehr."), "ok")
    return redirect(url_for("wallet_items.item", item_id=item_id), 303)


def _show_add(waiting: bool, errors: dict[str, str] | None = None) -> str:
    return render_template("vouchers/wallet/items/add.html", waiting=waiting, errors=errors or {}, key=str(uuid4()))


def _read_waiting() -> tuple[str, str]:
    """Read what was shown before signing in, if it is still there."""
    try:
        given, pin = decrypt(str(cookie.get(WAITING_COOKIE, "")).encode()).decode().split("\n", 1)
    except (InvalidToken, ValueError):
        return "", ""
    return given, pin


@pages.post("/verlauf")
def history() -> Response:
    """Show or hide on this device what was bought where."""
    answer = make_response(redirect(url_for("wallet_items.overview"), 303))
    if request.form.get("show") == "1":
        answer.delete_cookie(HISTORY_COOKIE)
    else:
        answer.set_cookie(
            HISTORY_COOKIE, "aus", max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure
        )
    return answer
