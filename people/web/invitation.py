"""Accepting an invitation to work for a shop."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.languages import _
from foundation.security import limit
from foundation.wiring import audience
from people import staffing
from people.web.guards import allow_anyone

pages = audience("invitation", __name__, guard=allow_anyone, url_prefix="/einladung")


@pages.route("/<token>", methods=["GET", "POST"])
@limit("20 per hour", methods=["POST"])
def accept(token: str) -> str | Response:
    """Show the invitation; the button accepts it. Opening the link is not enough, since mail programs open links."""
    organisation, _role, _name, address = staffing.read_invitation(token)
    if request.method == "GET":
        return render_template("people/invitation/accept.html", organisation=organisation, address=address)
    person = transact(staffing.accept_invitation, token)
    if person.password is None:
        flash(_("Wählen Sie jetzt ein Passwort: Wir schicken Ihnen dafür einen Link."), "info")
        return redirect(url_for("security.forgot_password"), 303)
    flash(_("Sie arbeiten jetzt für %(name)s. Bitte melden Sie sich an.", name=organisation.name), "ok")
    return redirect(url_for("security.login"), 303)
