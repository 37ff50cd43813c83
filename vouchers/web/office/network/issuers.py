"""An issuer as an entity of its own: programmes, trust account, cover, proof, and what it owes other issuers."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.forms import accept_fields
from foundation.languages import _
from foundation.wiring import audience
from money.bank import accounts, settling
from money.ledger import checks, cover, periods
from people.web.guards import acting_person_id
from vouchers.network import month_end, queries, settlement, trust
from vouchers.web.office.network import forms
from vouchers.web.office.network.access import attempt, clerk, issuer_here, issuers

pages = audience("office_issuers", __name__, guard=clerk, url_prefix="/office/herausgeber")
Page = str | Response | tuple[str, int]


@pages.get("")
def own() -> str | Response:
    """Show the person's issuers; where there is only one, that one at once."""
    found = issuers()
    if len(found) == 1:
        return redirect(url_for("office_issuers.issuer", slug=found[0].slug))
    return render_template("vouchers/office/network/issuers/own.html", issuers=found)


@pages.get("/<slug>")
def issuer(slug: str, errors: dict[str, object] | None = None) -> str:
    """Show the money in its pool against what it owes, its account, its programmes, its balances with other issuers."""
    found = issuer_here(slug)
    account = accounts.find_open_account(found.id)
    stands = queries.load_trust_account(account.id) if account else None
    settlements = queries.list_settlements(found.id)
    others = {row.debtor_id for row in settlements} | {row.creditor_id for row in settlements}
    between = settlement.list_balances(found.id)
    sent = str(request.endpoint).rpartition(".")[2]  # three forms ask for a reason: which one was sent
    return render_template(
        "vouchers/office/network/issuers/issuer.html",
        issuer=found,
        programmes=queries.list_programmes([found.id]),
        cover=cover.compute_cover(found.id),
        checks={name: checks.find_latest(name) for name in ("proof", "chain", "cover")},
        account=account,
        iban=accounts.group_iban(account.iban) if account else "",
        stands=stands,
        people=queries.load_person_names([stands.proposed_by, stands.approved_by]) if stands else {},
        between=between,
        owed=[(str(b.other_id), b.name) for b in between if b.cents > 0],
        settlements=settlements,
        transfers=settling.load_transfers([row.id for row in settlements]),
        closings=periods.list_closings(found.id),
        next_end=periods.find_next_end(found.id),
        names=queries.load_organisation_names(others),
        errors=errors or {},
        values=request.form,
        sent=f"{sent}-reason",
        reason_errors={sent: (errors or {}).get("reason")},
    )


@pages.post("/<slug>/konto")
@accept_fields(forms.AccountForm)
def account(slug: str) -> Page:
    """Propose another trust account for an issuer."""
    found = issuer_here(slug)
    errors = attempt(forms.AccountForm, trust.propose, found.id, person_id=acting_person_id())
    return _answer(slug, errors)


@pages.post("/<slug>/ausgleich")
@accept_fields(forms.SettleForm)
def settle(slug: str) -> Page:
    """Propose a transfer to another issuer."""
    found = issuer_here(slug)
    errors = attempt(forms.SettleForm, settlement.propose, found.id, person_id=acting_person_id())
    return _answer(slug, errors)


@pages.post("/<slug>/abschluss")
@accept_fields(forms.MonthEndForm)
def close_month(slug: str) -> Page:
    """Propose to close the books up to the end of a month."""
    found = issuer_here(slug)
    errors = attempt(forms.MonthEndForm, month_end.propose, found.id, person_id=acting_person_id())
    return _answer(slug, errors)


def _answer(slug: str, errors: dict[str, object]) -> Page:
    if errors:
        return issuer(slug, errors), 422
    flash(_("Vorgeschlagen. Es gilt, sobald eine zweite Person es freigibt."), "ok")
    return redirect(url_for("office_issuers.issuer", slug=slug), 303)
