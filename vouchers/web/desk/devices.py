"""The retailer's desk: one till in detail, with its tokens: what they may do, when they end; renew and revoke."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from foundation.clock import now
from foundation.database import transact
from foundation.languages import _, lazy
from people.web.guards import list_current_outlets
from vouchers.practice import setup
from vouchers.tills import devices, errors, redemption_log, tokens
from vouchers.tills.models import Till, TillToken
from vouchers.tills.states import TokenScope
from vouchers.web.desk.tills import PERMISSION, desk

SCOPES = {
    TokenScope.LOOK: lazy("ansehen"),
    TokenScope.REDEEM: lazy("einlösen"),
    TokenScope.RETURN: lazy("stornieren und zurückgeben"),
    TokenScope.HOLD: lazy("reservieren"),
    TokenScope.REPORT: lazy("Tagesabschluss lesen"),
}


@desk.get("/<uuid:till_id>")
def device(till_id: UUID) -> str:
    """When it was last used, and its tokens."""
    till = _till(till_id)
    issued = tokens.list_tokens(till.id)
    alive = {t.hash for t in issued if t.revoked_at is None and (t.expires_at is None or t.expires_at > now())}
    return render_template(
        "vouchers/desk/devices/device.html",
        till=till,
        tokens=issued,
        alive_hashes=alive,
        used=redemption_log.last_used(till.outlet_id).get(till.id),
        in_practice=setup.is_in_practice(till.id),
        scopes=SCOPES,
    )


@desk.post("/<uuid:till_id>/token/<hash_>/erneuern")
def rotate(till_id: UUID, hash_: str) -> str:
    """Replace a token; the old one stays valid for a day, so that no cash system stops working."""
    till = _till(till_id)
    bearer = transact(tokens.rotate_token, _token(till, hash_).hash)
    return render_template("vouchers/desk/devices/rotate.html", outlet=till.outlet, name=till.name, bearer=bearer)


@desk.post("/<uuid:till_id>/token/<hash_>/sperren")
def revoke_token(till_id: UUID, hash_: str) -> Answer:
    """Revoke a token: it opens nothing any more."""
    till = _till(till_id)
    transact(tokens.revoke_token, _token(till, hash_).hash)
    flash(_("Der Zugang ist gesperrt."), "ok")
    return redirect(url_for("desk_tills.device", till_id=till.id))


@desk.post("/<uuid:till_id>/uebung/ende")
def end_practice(till_id: UUID) -> Answer:
    """Switch a till back from practice to real vouchers."""
    transact(setup.switch_off, _till(till_id).id)
    flash(_("Der Übungsmodus ist aus. Ab jetzt wird an dieser Kasse gebucht."), "ok")
    return redirect(url_for("desk_tills.device", till_id=till_id))


def _till(till_id: UUID) -> Till:
    return devices.load_till(till_id, {outlet.id for outlet in list_current_outlets(PERMISSION)})


def _token(till: Till, hash_: str) -> TillToken:
    for token in tokens.list_tokens(till.id):
        if token.hash.hex() == hash_:
            return token
    raise errors.token_not_here()
