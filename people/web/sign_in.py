"""Signing in by a link in a mail: for shoppers, who need no password."""

from datetime import UTC, datetime

from flask import redirect, render_template, request
from flask_security import login_user
from werkzeug.wrappers import Response

from foundation import clock, links, mail
from foundation.database import transact
from foundation.errors import Invalid
from foundation.languages import _, current_language
from foundation.security import limit
from foundation.wiring import audience
from people import persons
from people.queries import find_person, load_person
from people.web.guards import allow_anyone

LINK_TTL_MINUTES = 20
pages = audience("sign_in", __name__, guard=allow_anyone, url_prefix="/anmelden")


def _send(address: str, back: str) -> None:
    found = find_person(address)
    staff = found is not None and found.is_staff
    token = links.sign("sign-in", f"{clock.now().timestamp()}|{back}|{address}", timed=True)
    mail.send(
        to=address,
        template="people/staff_link" if staff else "people/sign_in_link",
        subject=_("Ihr Link zum Anmelden"),
        language=current_language(),
        link=links.absolute_url("sign_in.enter", token=token),
        minutes=LINK_TTL_MINUTES,
    )


def _own_path(path: str) -> str:
    return links.keep_own_path(path, "/konto") if "|" not in path else "/konto"


@pages.route("/link", methods=["GET", "POST"])
@limit("10 per hour", methods=["POST"])
def link() -> str | tuple[str, int]:
    """Ask for a link. The answer is the same whether there is such an account or not."""
    back = _own_path(request.values.get("next", "/konto")[:500])
    if request.method == "GET":
        return render_template("people/sign_in/link.html", errors={}, email="", next=back, sent=False)
    typed = request.form.get("email", "")[:300]
    try:
        address = mail.normalise_address(typed)
    except Invalid as error:
        page = render_template(
            "people/sign_in/link.html",
            errors={"email": str(error.sentence)},
            email=typed,
            next=back,
            sent=False,
        )
        return page, 422
    transact(_send, address, back)
    return render_template(
        "people/sign_in/link.html", errors={}, email=address, next=back, sent=True, minutes=LINK_TTL_MINUTES
    )


@pages.route("/link/<token>", methods=["GET", "POST"])
@limit("30 per hour", methods=["POST"])
def enter(token: str) -> str | Response:
    """Sign in with the link. The page asks for one press, because mail programs open links by themselves."""
    issued, back, address = links.unsign("sign-in", token, LINK_TTL_MINUTES * 60).split("|", 2)
    if request.method == "GET":
        return render_template("people/sign_in/enter.html", address=address)
    person_id = transact(persons.use_link, address, datetime.fromtimestamp(float(issued), UTC))
    login_user(load_person(person_id), remember=True, authn_via=["link"])
    return redirect(_own_path(back))
