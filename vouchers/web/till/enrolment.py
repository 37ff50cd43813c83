"""How a device becomes a till: the page for strangers, and the one-time link from the desk."""

from flask import Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from foundation.database import transact
from foundation.security import limit
from vouchers.tills import devices
from vouchers.web.till.blueprint import COOKIE, DEVICE_SECONDS, enrolment, load_session, set_till_cookie


@enrolment.get("")
def welcome() -> str | Answer:
    """Show what to do with this device: to the till, to the PIN, or how to become one."""
    found = load_session()
    if found is None:
        return render_template("vouchers/till/enrolment/welcome.html")
    return redirect(url_for("till.scan" if found.staff else "till_pin.unlock"))


@enrolment.get("/anmelden/<secret>")
@limit("30 per minute")
def enrol(secret: str) -> str:
    """Ask before: programs that only look at links must not use the invitation up."""
    return render_template("vouchers/till/enrolment/enrol.html", invitation=devices.load_invitation(secret))


@enrolment.post("/anmelden/<secret>")
@limit("30 per minute")
def become(secret: str) -> Response:
    """From now on this device is a till."""
    _till_id, bearer = transact(devices.enrol_device, secret)
    response = make_response(redirect(url_for("till_enrolment.welcome")))
    set_till_cookie(response, COOKIE, bearer, DEVICE_SECONDS)
    return response
