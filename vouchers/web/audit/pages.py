"""The auditor's pages: the figures, the shops of a town, the flow between two, entries, one document."""

from uuid import UUID

from flask import render_template, request

from foundation import audit
from foundation.database import transact
from foundation.errors import document_not_here
from foundation.languages import show_date
from money.ledger import checks, cover
from money.ledger import queries as books
from vouchers.statistics import queries
from vouchers.web.audit import errors, towns
from vouchers.web.audit.blueprint import (
    CHECKS,
    ISSUED,
    REDEEMED,
    explain_entries,
    link_again,
    link_to_entries,
    list_own_programmes,
    pages,
    read_filter,
    read_scope,
)


@pages.get("")
def sheet() -> str:
    """How much was issued, redeemed and is outstanding, by programme, town and day, and whether the books are right."""
    programmes = list_own_programmes()
    scope, error = read_scope(programmes)
    ledgers, flows = queries.list_issuers(sorted({p.issuer_id for p in programmes})), towns.list_flows(scope)
    return render_template(
        "vouchers/audit/pages/sheet.html",
        of=scope,
        error=error,
        programmes=programmes,
        programme_options=[(p.slug, p.name) for p in programmes],
        chosen=request.args.get("programm", ""),
        now=queries.sum_all(scope),
        before=queries.sum_all(scope.before()),
        by_programme=queries.sum_by_programme(scope),
        outstanding={p.id: queries.sum_outstanding(p) for p in programmes},
        covers=[(ledger, cover.compute_cover(ledger.id)) for ledger in ledgers],
        checks=[(name, checks.find_latest(name), checks.find_latest(name, whole=True)) for name in CHECKS],
        height=books.count_sealed(),
        waiting=books.count_waiting(),
        chart_days=[(show_date(day, "d.M."), cents) for day, cents, _number in queries.sum_by_day(scope)],
        towns=towns.list_towns(scope),
        flows=flows,
        chart_flows=[(flow.origin_name, flow.target_name, flow.cents) for flow in flows],
        link=link_to_entries,
        redeemed=REDEEMED,
        issued=ISSUED,
    )


@pages.get("/ort/<ags>")
def town(ags: str) -> str:
    """Show the shops of one town with what was redeemed there."""
    scope, error = read_scope(list_own_programmes())
    names = queries.load_town_names()
    if ags not in names:
        raise errors.town_not_here()
    return render_template(
        "vouchers/audit/pages/town.html",
        of=scope,
        name=names[ags],
        shops=queries.sum_by_outlet(scope, ags),
        error=error,
        link=link_to_entries,
        redeemed=REDEEMED,
    )


@pages.get("/strom/<origin>/<target>")
def flow(origin: str, target: str) -> str:
    """Show the entries behind value that came from one town and was spent in another."""
    scope, error = read_scope(list_own_programmes())
    names = queries.load_town_names()
    if origin not in names or target not in names:
        raise errors.town_not_here()
    return render_template(
        "vouchers/audit/pages/flow.html",
        of=scope,
        origin=names[origin],
        target=names[target],
        entries=explain_entries(queries.list_flow_entries(scope, origin, target)),
        error=error,
    )


@pages.get("/buchungen")
def entries() -> str:
    """Entries, the newest first, each in one sentence; what narrows the list stands in the address."""
    programmes = list_own_programmes()
    scope, error = read_scope(programmes)
    chosen = read_filter(programmes, scope)
    page = books.list_entries(chosen, request.args.get("nach") or None)
    cents, number = books.sum_entries(chosen)
    return render_template(
        "vouchers/audit/pages/entries.html",
        of=scope,
        error=error,
        entries=explain_entries(page.entries),
        older=link_again("audit.entries", nach=page.following) if page.following else None,
        cents=cents,
        number=number,
        file=link_again("audit.entries_file"),
    )


@pages.get("/beleg/<uuid:aggregate>/<uuid:journal>")
def document(aggregate: UUID, journal: UUID) -> str:
    """Show one document: its lines, its seal. That somebody looked is recorded."""
    lines = books.load_document(aggregate, journal)
    ledgers = {p.issuer_id for p in list_own_programmes()}
    if not lines or lines[0].ledger_id not in ledgers:
        raise document_not_here()
    explained, seal = explain_entries(lines), books.find_seal(aggregate, journal)
    transact(audit.record, "audit.document_seen", "journal", journal)
    return render_template("vouchers/audit/pages/document.html", entries=explained, seal=seal, first=lines[0])
