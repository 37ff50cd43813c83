"""The holder's page of one voucher: what is left, what was taken, the code to show, the sheet to print, the lock.

The token comes by POST only: the browser never sends what stands behind `#`, and a small script puts it into the form.
"""

from flask import Response, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response as Answer

from foundation import qr
from foundation.database import transact
from foundation.errors import NotFound
from foundation.languages import _
from foundation.security import allow_scanning, encrypt, limit
from foundation.wiring import audience
from people.web.guards import allow_anyone, current_person
from vouchers.purchases import links, papers, queries
from vouchers.stored_value import holder_view
from vouchers.stored_value.holder_view import HolderView
from vouchers.wallet import blocking, errors, proof_by_mail, refusals
from vouchers.web.wallet.blueprint import answer_receipt

pages = audience("wallet", __name__, guard=allow_anyone)
WAITING_COOKIE = "claim"
MAX_TOKEN_CHARACTERS, MAX_PIN_CHARACTERS = 400, 20


def _is_missed(response: Response) -> bool:
    return response.status_code == 404


@pages.get("/g")
def find() -> str:
    """Find the form into which the code goes, by script from the address or by hand."""
    allow_scanning()
    return render_template("vouchers/wallet/voucher/find.html", errors={})


@pages.post("/g")
@limit("30 per minute")
@limit("5 per minute; 30 per hour", deduct_when=_is_missed, scope="wallet misses")
def show() -> str | tuple[str, int]:
    """Show the voucher of a token, or of a typed code with its PIN. One sentence for everything that leads to none."""
    presented, pin = (
        request.form.get("token", "")[:MAX_TOKEN_CHARACTERS],
        request.form.get("pin", "")[:MAX_PIN_CHARACTERS],
    )
    try:
        return _show_page(holder_view.view_by_code_and_pin(presented, pin), presented, pin)
    except NotFound as error:
        allow_scanning()
        return render_template("vouchers/wallet/voucher/find.html", errors={"token": str(error.sentence)}), 404


def _show_page(view: HolderView, presented: str = "", pin: str = "", notice: str | None = None) -> str:
    address = links.build_voucher_url(view.token) if view.token else None
    return render_template(
        "vouchers/wallet/voucher/show.html",
        view=view,
        presented=presented,
        pin=pin,
        notice=notice,
        code=qr.draw_svg(address) if address else None,
        design=queries.find_design(view.voucher_id) or view.programme.design,
        picture=queries.find_picture_path(view.voucher_id),
        refusals=refusals.list_refusals(view),
        areas=refusals.describe_areas(view),
        holder=proof_by_mail.sign_holding(view.voucher_id),
        may_unblock=blocking.can_unblock(view.voucher_id),
        signed_in_here=current_person() is not None,
    )


@pages.post("/g/blatt")
@limit("20 per minute")
def sheet() -> Response:
    """The sheet to print, for who holds the token."""
    view = holder_view.view_by_code_and_pin(request.form.get("token", "")[:MAX_TOKEN_CHARACTERS], "")
    if view.token is None:
        raise errors.sheet_needs_link()
    paper = papers.typeset_holder_sheet(view)
    return Response(
        paper, mimetype="application/pdf", headers={"Content-Disposition": 'attachment; filename="Gutschein.pdf"'}
    )


@pages.post("/g/nachweis")
@limit("20 per minute")
def receipt() -> Response:
    """The receipt that the voucher's value is in the published books, for who holds the token."""
    view = holder_view.view_by_code_and_pin(request.form.get("token", "")[:MAX_TOKEN_CHARACTERS], "")
    return answer_receipt(view.voucher_id)


@pages.post("/g/sperren")
@limit("20 per minute")
def block() -> str:
    """Lock the voucher; the page that was shown is proof of holding it, for two hours."""
    proof = request.form.get("holder", "")[:2000]
    voucher = proof_by_mail.load_linked_voucher(proof_by_mail.HOLDER, proof)
    transact(blocking.block, voucher.id, actor_id=voucher.id, key=f"{voucher.version}")
    return _show_again(
        proof, _("Der Gutschein ist gesperrt. Niemand kann ihn einlösen, bis Sie ihn wieder entsperren.")
    )


@pages.post("/g/entsperren-mit-link")
@limit("20 per minute")
def unblock() -> str:
    """Unblock the voucher, with the same proof."""
    proof = request.form.get("holder", "")[:2000]
    voucher = proof_by_mail.load_linked_voucher(proof_by_mail.HOLDER, proof)
    transact(blocking.unblock, voucher.id, actor_id=voucher.id, key=f"{voucher.version}")
    return _show_again(proof, _("Der Gutschein ist wieder frei."))


def _show_again(proof: str, notice: str) -> str:
    presented = request.form.get("token", "")[:MAX_TOKEN_CHARACTERS]
    voucher = proof_by_mail.load_linked_voucher(proof_by_mail.HOLDER, proof)
    token = holder_view.match_token(voucher, presented)
    return _show_page(holder_view.view_voucher(voucher, token), presented, notice=notice)


@pages.post("/g/mitnehmen")
@limit("20 per minute")
def take_along() -> Answer:
    """Go on to the wallet, also when somebody has to sign in first: what was shown waits encrypted in the cookie."""
    presented, pin = (
        request.form.get("token", "")[:MAX_TOKEN_CHARACTERS],
        request.form.get("pin", "")[:MAX_PIN_CHARACTERS],
    )
    cookie[WAITING_COOKIE] = encrypt(f"{presented}\n{pin}".encode()).decode()
    return redirect(url_for("wallet_items.add"), 303)
