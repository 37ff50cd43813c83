"""The account of who is signed in."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import Invalid
from foundation.languages import _
from foundation.wiring import audience, navigation
from people import persons
from people.web.guards import current_person, require_signed_in

pages = audience("account", __name__, guard=require_signed_in, url_prefix="/konto")


@pages.route("", methods=["GET"])
def overview() -> str:
    """What belongs to this person and where to go from here."""
    person = current_person()
    return render_template("people/account/overview.html", person=person, doors=navigation("account"))


@pages.route("/name", methods=["POST"])
def name() -> Response:
    """Change the name by which pages and mails call this person."""
    person = current_person()
    assert person is not None
    try:
        transact(persons.rename, person.id, request.form.get("name", ""))
        flash(_("Ihr Name ist gespeichert."), "ok")
    except Invalid as error:
        flash(str(error.sentence), "bad")
    return redirect(url_for("account.overview"))


@pages.route("/sicherheit")
def safety() -> str:
    """Show how this person signs in: password, code generator, passkeys."""
    return render_template("people/account/safety.html", person=current_person())
