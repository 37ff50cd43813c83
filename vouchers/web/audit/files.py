"""What the auditor sees, as CSV files."""

from collections.abc import Iterable, Sequence

from flask import Response

from foundation import clock
from foundation.languages import _
from money.amount import plain
from money.ledger import checks, cover
from money.ledger import queries as books
from vouchers.statistics import csv_files, queries
from vouchers.web.audit import towns
from vouchers.web.audit.blueprint import CHECKS, list_own_programmes, pages, read_filter, read_scope


@pages.get("/buchungen.csv")
def entries_file() -> Response:
    """Give all entries of the list as a file."""
    programmes = list_own_programmes()
    scope, _error = read_scope(programmes)
    rows = (csv_files.make_entry_row(entry) for entry in books.stream_entries(read_filter(programmes, scope)))
    return _answer("buchungen", csv_files.ENTRY_HEAD, rows)


@pages.get("/zahlen.csv")
def figures_file() -> Response:
    """Give the figures by programme as a file."""
    programmes = list_own_programmes()
    scope, _error = read_scope(programmes)
    sums, seal = queries.sum_by_programme(scope), books.count_sealed()
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
    for programme in programmes:
        if programme.id in scope.programme_ids:
            found = sums.get(programme.id, queries.Sums())
            money = [plain(cents) for cents in (found.issued, found.withdrawn, found.redeemed)]
            left = plain(queries.sum_outstanding(programme))
            rows.append((programme.name, programme.issuer.name, *money, found.tickets, left, seal))
    return _answer("zahlen", head, rows)


@pages.get("/tage.csv")
def days_file() -> Response:
    """Redemptions per day as a file."""
    scope, _error = read_scope(list_own_programmes())
    rows = [(day.isoformat(), plain(cents), number) for day, cents, number in queries.sum_by_day(scope)]
    return _answer("tage", (_("Tag"), _("Eingelöst"), _("Einlösungen")), rows)


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
    for ledger in queries.list_issuers(sorted({p.issuer_id for p in list_own_programmes()})):
        c = cover.compute_cover(ledger.id)
        cents = (c.bank_cents, c.provider_cents, c.vouchers_cents, c.shops_cents, c.owed_cents, c.free_cents)
        rows.append((ledger.name, *(plain(amount) for amount in cents), *when))
    return _answer("deckung", head, rows)


@pages.get("/orte.csv")
def towns_file() -> Response:
    """Give the figures by town as a CSV file."""
    scope, _error = read_scope(list_own_programmes())
    rows = [(town.name, plain(town.issued), plain(town.redeemed), plain(town.own)) for town in towns.list_towns(scope)]
    return _answer("orte", (_("Ort"), _("Ausgegeben"), _("Eingelöst"), _("davon von hier")), rows)


@pages.get("/stroeme.csv")
def flows_file() -> Response:
    """Give the flow between towns as a file."""
    scope, _error = read_scope(list_own_programmes())
    rows = [(flow.origin_name, flow.target_name, plain(flow.cents)) for flow in towns.list_flows(scope)]
    return _answer("stroeme", (_("Von"), _("Nach"), _("Eingelöst")), rows)


def _answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    text = "".join(csv_files.stream_csv(head, rows))
    disposition = f'attachment; filename="{name}-{clock.today().isoformat()}.csv"'
    return Response(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
