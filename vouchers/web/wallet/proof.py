"""Proof by mail: a lost voucher, a locked code, reminders that shall end. Whoever asks always reads the same."""

from uuid import UUID

from flask import render_template, request

from foundation import links
from foundation.database import transact
from foundation.errors import Invalid
from foundation.security import limit
from foundation.wiring import audience
from people.web.guards import allow_anyone
from vouchers.purchases import queries
from vouchers.wallet import proof_by_mail, reminders

pages = audience("wallet_proof", __name__, guard=allow_anyone, url_prefix="/g")
REMINDER = "wallet-reminder-off"


@pages.route("/verloren", methods=["GET", "POST"])
@limit("5 per minute; 20 per hour", methods=["POST"])
def lost() -> str | tuple[str, int]:
    """Ask for new codes: a mail address, and always the same answer."""
    given = request.form.get("email", "")[:300]
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            transact(proof_by_mail.request_renewal, given)
        except Invalid as error:
            errors["email"] = str(error.sentence)
    sent = request.method == "POST" and not errors
    page = render_template("vouchers/wallet/proof/lost.html", email=given, errors=errors, sent=sent)
    return (page, 422) if errors else page


@pages.route("/neu/<link>", methods=["GET", "POST"])
@limit("30 per hour", methods=["POST"])
def renew(link: str) -> str:
    """Make new secrets on one press; mail programs open links by themselves, so that opening does nothing."""
    voucher = proof_by_mail.load_linked_voucher(proof_by_mail.RENEW, link)
    if request.method == "POST":
        transact(proof_by_mail.renew_by_link, link)
    return render_template(
        "vouchers/wallet/proof/renew.html",
        done=request.method == "POST",
        programme=queries.load_programme(voucher.programme_id),
        last4=voucher.last4,
    )


@pages.route("/entsperren", methods=["GET", "POST"])
@limit("5 per minute; 20 per hour", methods=["POST"])
def unlock_code() -> str:
    """Ask to unlock a code after wrong PINs: always the same answer, whatever code it was."""
    sent = request.method == "POST"
    if sent:
        transact(proof_by_mail.request_unlocking, request.form.get("code", "")[:40])
    return render_template("vouchers/wallet/proof/locked.html", sent=sent)


@pages.route("/entsperren/<link>", methods=["GET", "POST"])
@limit("30 per hour", methods=["POST"])
def unlock(link: str) -> str:
    """Unlock on one press: the code can be used with its PIN again."""
    voucher = proof_by_mail.load_linked_voucher(proof_by_mail.UNLOCK, link)
    if request.method == "POST":
        transact(proof_by_mail.unlock_by_link, link)
    return render_template(
        "vouchers/wallet/proof/unlock.html",
        done=request.method == "POST",
        programme=queries.load_programme(voucher.programme_id),
    )


@pages.route("/erinnerung-aus/<link>", methods=["GET", "POST"])
def quiet(link: str) -> str:
    """End the reminders of one voucher on one press, without signing in."""
    item_id = links.unsign(REMINDER, link)
    if request.method == "POST":
        transact(reminders.set_reminders, UUID(item_id), on=False)
    return render_template("vouchers/wallet/proof/quiet.html", done=request.method == "POST")
