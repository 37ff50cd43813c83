"""Practice at this till: switched on by the lead, off by anybody. Nothing real happens in between."""

from flask import flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from foundation.database import transact
from foundation.languages import _
from vouchers.practice import setup
from vouchers.web.till import errors
from vouchers.web.till.blueprint import require_lead, till


@till.get("/uebung")
def practice() -> str:
    """Show what practice is, and the switch."""
    return render_template("vouchers/till/practice/practice.html")


@till.post("/uebung")
def begin_practice() -> Answer:
    """From now on everything at this till is practice."""
    require_lead(errors.practice_for_lead_only())
    transact(setup.switch_on, g.till_session.till.id, g.till_session.staff.id)
    flash(_("Der Übungsmodus ist an. Es wird nichts gebucht."), "warn")
    return redirect(url_for("till.scan"))


@till.post("/uebung/ende")
def end_practice() -> Answer:
    """Switch this till back to real vouchers."""
    transact(setup.switch_off, g.till_session.till.id)
    flash(_("Der Übungsmodus ist aus. Ab jetzt wird gebucht."), "ok")
    return redirect(url_for("till.scan"))
