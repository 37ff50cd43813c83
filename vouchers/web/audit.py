"""The auditor's pages: figures, the way down to every entry, proof and cover, files. Read-only."""

from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for

from foundation import audit, clock
from foundation.database import session, transact
from foundation.errors import Invalid, NotFound
from foundation.languages import _, show_date
from foundation.wiring import audience
from money.amount import plain
from money.ledger import checks, cover, explaining
from money.ledger import queries as books
from money.ledger.models import Entry
from people.web.guards import list_memberships, requires
from vouchers.statistics import queries, sheets
from vouchers.statistics.queries import Scope
from vouchers.stored_value.models import Programme

pages = audience("audit", __name__, guard=requires("audit.see"), url_prefix="/pruefung")
REDEEMED = ("voucher.redeem", "voucher.capture", "voucher.void", "voucher.refund")
CHECKS = ("proof", "chain", "cover")
ISSUED = ("voucher.issue", "voucher.load", "voucher.withdraw")


def _programmes() -> list[Programme]:
    """All programmes for auditors; an issuer's clerk sees the own ones."""
    own = list_memberships("audit.see")
    if any(m.role == "auditor" for m in own):
        return queries.programmes_of(None)
    return queries.programmes_of([m.organisation_id for m in own])


def _asked(programmes: list[Programme]) -> tuple[Scope, str | None]:
    given = request.args
    try:
        chosen = given.get("programm", "")[:80]
        return queries.scope(given.get("von", "")[:10], given.get("bis", "")[:10], programmes, chosen), None
    except Invalid as error:
        return queries.scope("", "", programmes, ""), str(error.sentence)


def _link(of: Scope, kinds: tuple[str, ...], programme: Programme | None = None, **more: object) -> str:
    chosen = programme.slug if programme else request.args.get("programm", "")[:80]
    return url_for(
        "audit.entries",
        von=of.since,
        bis=of.until,
        programm=chosen or None,
        art=",".join(kinds),
        **more,  # type: ignore[arg-type]
    )


@pages.get("")
def sheet() -> str:
    """How much was issued, redeemed and is outstanding, by programme, town and day, and whether the books are right."""
    programmes = _programmes()
    of, error = _asked(programmes)
    flows = _flows(of)
    ledgers = queries.issuers(sorted({p.issuer_id for p in programmes}))
    return render_template(
        "vouchers/audit/sheet.html",
        of=of,
        error=error,
        programmes=programmes,
        chosen=request.args.get("programm", ""),
        now=queries.total(of),
        before=queries.total(of.before()),
        by_programme=queries.by_programme(of),
        outstanding={p.id: queries.outstanding(p) for p in programmes},
        covers=[(ledger, cover.compute_cover(ledger.id)) for ledger in ledgers],
        checks=[(name, checks.find_latest(name)) for name in CHECKS],
        height=books.count_sealed(),
        waiting=books.count_waiting(),
        chart_days=[(show_date(day, "d.M."), cents) for day, cents, _number in queries.per_day(of)],
        towns=_towns(of),
        flows=flows,
        chart_flows=[(flow["from"], flow["to"], flow["cents"]) for flow in flows],
        link=_link,
        redeemed=REDEEMED,
        issued=ISSUED,
    )


def _towns(of: Scope) -> list[dict[str, Any]]:
    """Per town: issued there, redeemed there, of that from there and from elsewhere, all in cents."""
    names, issued = queries.town_names(), queries.issued_by_town(of)
    rows: dict[str, dict[str, Any]] = {}
    for origin, target, cents in queries.flows(of):
        row = rows.setdefault(target, {"ags": target, "redeemed": 0, "own": 0})
        row["redeemed"] += cents
        row["own"] += cents if origin == target else 0
    for ags in issued:
        rows.setdefault(ags, {"ags": ags, "redeemed": 0, "own": 0})
    made = [row | {"name": names.get(ags, ags), "issued": issued.get(ags, 0)} for ags, row in rows.items()]
    return sorted(made, key=lambda row: (-row["redeemed"], row["name"]))


def _flows(of: Scope) -> list[dict[str, Any]]:
    names = queries.town_names()
    return [
        {"origin": a, "target": b, "from": names.get(a, a), "to": names.get(b, b), "cents": cents}
        for a, b, cents in queries.flows(of)
    ]


@pages.get("/ort/<ags>")
def town(ags: str) -> str:
    """The shops of one town with what was redeemed there."""
    of, error = _asked(_programmes())
    names = queries.town_names()
    if ags not in names:
        raise NotFound(_("Diesen Ort gibt es hier nicht."))
    shops = queries.by_outlet(of, ags)
    return render_template(
        "vouchers/audit/town.html", of=of, name=names[ags], shops=shops, error=error, link=_link, redeemed=REDEEMED
    )


@pages.get("/strom/<origin>/<target>")
def flow(origin: str, target: str) -> str:
    """The entries behind value that came from one town and was spent in another."""
    of, error = _asked(_programmes())
    names = queries.town_names()
    if origin not in names or target not in names:
        raise NotFound(_("Diesen Ort gibt es hier nicht."))
    found = queries.flow_entries(of, origin, target)
    return render_template(
        "vouchers/audit/flow.html", of=of, origin=names[origin], target=names[target], entries=_told(found), error=error
    )


def _told(found: list[Entry]) -> list[dict[str, Any]]:
    return [{"entry": entry, "sentence": explaining.explain(entry)} for entry in found]


def _wanted(programmes: list[Programme], of: Scope) -> books.EntryFilter:
    given = request.args
    ledgers = {p.issuer_id for p in programmes}
    chosen = next((p for p in programmes if p.slug == given.get("programm", "")), None)
    kinds = tuple(kind for kind in given.get("art", "")[:300].split(",") if kind)
    try:
        party = UUID(given["wessen"]) if given.get("wessen") else None
        ledger = UUID(given["herausgeber"]) if given.get("herausgeber") else None
    except ValueError as error:
        raise Invalid(_("Diese Auswahl gibt es nicht."), field="wessen") from error
    if ledger is None and chosen:
        ledger = chosen.issuer_id
    if ledger is None and len(ledgers) == 1:
        ledger = next(iter(ledgers))
    if ledger is not None and ledger not in ledgers:
        raise NotFound(_("Diese Bücher gibt es hier nicht."))
    return books.EntryFilter(
        ledger_id=ledger,
        programme_id=chosen.id if chosen else None,
        kinds=kinds,
        party=party,
        account=given.get("konto") or None,
        since=of.since,
        until=of.until,
    )


def _again(endpoint: str, **more: Any) -> str:
    """An address with the same choices as this one."""
    values: dict[str, Any] = {**request.args.to_dict(), **more}
    return url_for(endpoint, **values)


@pages.get("/buchungen")
def entries() -> str:
    """Entries, the newest first, each in one sentence; what narrows the list stands in the address."""
    programmes = _programmes()
    of, error = _asked(programmes)
    wanted = _wanted(programmes, of)
    page = books.list_entries(wanted, request.args.get("nach") or None)
    cents, number = books.sum_entries(wanted)
    older = _again("audit.entries", nach=page.following) if page.following else None
    return render_template(
        "vouchers/audit/entries.html",
        of=of,
        error=error,
        entries=_told(page.entries),
        older=older,
        cents=cents,
        number=number,
        programmes=programmes,
        file=_again("audit.entries_file"),
    )


@pages.get("/beleg/<uuid:aggregate>/<uuid:journal>")
def document(aggregate: UUID, journal: UUID) -> str:
    """One document: its lines, its seal. That somebody looked is noted."""
    found = books.load_document(aggregate, journal)
    ledgers = {p.issuer_id for p in _programmes()}
    if not found or found[0].ledger_id not in ledgers:
        raise NotFound(_("Diesen Beleg gibt es hier nicht."))
    told, seal = _told(found), books.find_seal(aggregate, journal)
    transact(audit.record, "audit.document_seen", "journal", journal)
    return render_template("vouchers/audit/document.html", entries=told, seal=seal, first=found[0])


def _file(name: str, head: tuple[str, ...], rows: Any) -> Response:
    text = "".join(sheets.lines(head, rows))
    session.rollback()
    disposition = f'attachment; filename="{name}-{clock.today().isoformat()}.csv"'
    return Response(text, mimetype="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


@pages.get("/buchungen.csv")
def entries_file() -> Response:
    """All entries of the list as a file."""
    programmes = _programmes()
    of, _error = _asked(programmes)
    rows = (sheets.entry_row(entry) for entry in books.stream_entries(_wanted(programmes, of)))
    return _file("buchungen", sheets.ENTRY_HEAD, rows)


@pages.get("/zahlen.csv")
def figures_file() -> Response:
    """The figures by programme as a file."""
    programmes = _programmes()
    of, _error = _asked(programmes)
    sums = queries.by_programme(of)
    head = (
        _("Programm"),
        _("Herausgeber"),
        _("Ausgegeben"),
        _("Widerrufen"),
        _("Eingelöst"),
        _("Einlösungen"),
        _("Offen heute"),
        _("Siegel"),
    )
    rows = []
    for p in programmes:
        if p.id in of.programme_ids:
            s = sums.get(p.id, queries.Sums())
            money = [plain(c) for c in (s.issued, s.withdrawn, s.redeemed)]
            rows.append((p.name, p.issuer.name, *money, s.tickets, plain(queries.outstanding(p)), books.count_sealed()))
    return _file("zahlen", head, rows)


@pages.get("/tage.csv")
def days_file() -> Response:
    """Redemptions per day as a file."""
    of, _error = _asked(_programmes())
    rows = [(day.isoformat(), plain(cents), number) for day, cents, number in queries.per_day(of)]
    return _file("tage", (_("Tag"), _("Eingelöst"), _("Einlösungen")), rows)


@pages.get("/deckung.csv")
def cover_file() -> Response:
    """Cover per issuer and the last checks as a file."""
    head = (
        _("Herausgeber"),
        _("Bank"),
        _("Zahlungsdienst"),
        _("Gutscheine"),
        _("Läden"),
        _("Geschuldet"),
        _("Frei"),
        _("Beweis"),
        _("Kette"),
        _("Deckung"),
    )
    when = [run.finished_at.isoformat(timespec="seconds") if run else "" for run in map(checks.find_latest, CHECKS)]
    rows = []
    for ledger in queries.issuers(sorted({p.issuer_id for p in _programmes()})):
        c = cover.compute_cover(ledger.id)
        cents = (c.bank_cents, c.provider_cents, c.vouchers_cents, c.shops_cents, c.owed_cents, c.free_cents)
        rows.append((ledger.name, *(plain(amount) for amount in cents), *when))
    return _file("deckung", head, rows)


@pages.get("/orte.csv")
def towns_file() -> Response:
    """Towns as a file."""
    of, _error = _asked(_programmes())
    rows = [(t["name"], *(plain(t[k]) for k in ("issued", "redeemed", "own"))) for t in _towns(of)]
    return _file("orte", (_("Ort"), _("Ausgegeben"), _("Eingelöst"), _("davon von hier")), rows)


@pages.get("/stroeme.csv")
def flows_file() -> Response:
    """The flow between towns as a file."""
    of, _error = _asked(_programmes())
    rows = [(f["from"], f["to"], plain(f["cents"])) for f in _flows(of)]
    return _file("stroeme", (_("Von"), _("Nach"), _("Eingelöst")), rows)
