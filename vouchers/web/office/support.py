"""The issuer's office: find a voucher for somebody who asks, see how it stands, block it. Every look is noted."""

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation import audit
from foundation.database import transact
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from foundation.security import limit
from foundation.wiring import audience
from people.web.guards import acting_person_id, list_memberships, may, require_fresh_sign_in, requires
from vouchers.stored_value import access
from vouchers.support import lookup, queries

PERMISSION = lookup.PERMISSION
OFTEN = "300 per hour"

pages = audience("office_support", __name__, guard=requires(PERMISSION), url_prefix="/office/gutscheine")


def _issuers() -> frozenset[UUID]:
    return frozenset(m.organisation_id for m in list_memberships(PERMISSION))


@pages.get("")
def find(errors: dict[str, str] | None = None, result: lookup.LookupResult | None = None) -> str:
    """Show the form that asks what is looked for, and why."""
    return render_template(
        "vouchers/office/support/find.html",
        values=request.form,
        errors=errors or {},
        result=result,
        most=lookup.MAX_PURPOSE_LENGTH,
    )


@pages.post("")
@limit(OFTEN)
def search() -> str | Response | tuple[str, int]:
    """Look for it. With one voucher found, its page; with several, a list to choose from."""
    typed = request.form
    try:
        if typed.get("voucher"):
            result = transact(
                lookup.open_match,
                acting_person_id(),
                _issuers(),
                UUID(typed["voucher"]),
                asked=typed.get("asked", ""),
                purpose=typed.get("purpose", ""),
            )
        else:
            asked, purpose = typed.get("asked", "")[:300], typed.get("purpose", "")[:300]
            result = transact(lookup.search, acting_person_id(), _issuers(), asked=asked, purpose=purpose)
    except Invalid as error:
        return find({str(error.details.get("field", "asked")): str(error.sentence)}), 422
    except ValueError:
        return find({"asked": _("Dazu finden wir keinen Gutschein.")}), 422
    if result.lookup_id:
        return redirect(url_for("office_support.voucher", lookup_id=result.lookup_id), 303)
    return find(result=result)


@pages.get("/<uuid:lookup_id>")
def voucher(lookup_id: UUID, errors: dict[str, str] | None = None) -> str:
    """Show one voucher: how it stands, what is on it, what happened."""
    look = lookup.load_recent_lookup(lookup_id, acting_person_id())
    assert look.voucher_id is not None
    return render_template(
        "vouchers/office/support/voucher.html",
        look=look,
        seen=queries.load_voucher_view(look.voucher_id),
        may_propose=may("vouchers.propose"),
        errors=errors or {},
        most=lookup.MAX_PURPOSE_LENGTH,
    )


@pages.post("/<uuid:lookup_id>/sperren")
def block(lookup_id: UUID) -> Response | tuple[str, int]:
    """Nobody can redeem it from now on."""
    return _mark(lookup_id, undo=False)


@pages.post("/<uuid:lookup_id>/entsperren")
def unblock(lookup_id: UUID) -> Response | tuple[str, int]:
    """Unblock a voucher. Blocking must be quick; unblocking need not be, and asks for a fresh sign-in."""
    require_fresh_sign_in()
    return _mark(lookup_id, undo=True)


def _mark(lookup_id: UUID, *, undo: bool) -> Response | tuple[str, int]:
    look = lookup.load_recent_lookup(lookup_id, acting_person_id())
    reason = request.form.get("reason", "").strip()[:200]
    if len(reason) < lookup.MIN_PURPOSE_LENGTH:
        return voucher(lookup_id, {"form": _("Bitte nennen Sie einen Grund.")}), 422
    assert look.voucher_id is not None
    try:
        transact(_change, look.voucher_id, acting_person_id(), reason, undo)
    except (NotFound, Refused) as error:
        return voucher(lookup_id, {"form": str(error.sentence)}), 409
    flash(_("Der Gutschein ist entsperrt.") if undo else _("Der Gutschein ist gesperrt."), "ok")
    return redirect(url_for("office_support.voucher", lookup_id=lookup_id), 303)


def _change(voucher_id: UUID, person_id: UUID, reason: str, undo: bool) -> None:
    act = access.unblock if undo else access.block
    act(voucher_id, actor_id=person_id, key=str(uuid4()), reason=reason)
    audit.record("voucher.unblock" if undo else "voucher.block", "voucher", voucher_id, reason=reason)
