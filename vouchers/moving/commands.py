"""The command line of moving: `flask vouchers move-in`, `export`, `import`. Decision 0317."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from foundation.database import session
from foundation.errors import DomainError
from money import amount
from money.amount import euro
from money.bank import queries
from money.ledger import chain, proof, sealing
from people.dual_control import require_two_people
from people.models import Organisation, OrganisationKind
from vouchers.moving import export_issuer, import_vouchers, lists, restore_issuer
from vouchers.moving.import_vouchers import ImportOrder, ImportReport
from vouchers.network import programmes

# What is counted from the books once vouchers came in, by name. The rooms that count register here.
recounts: dict[str, Callable[[], None]] = {}


def add_to(group: AppGroup) -> None:
    """Add the commands to `flask vouchers`."""
    for command in (move_in, export, import_archive):
        group.add_command(command)


@click.command("move-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--programme", "slug", required=True, help="Short name of the programme that takes them over.")
@click.option("--source", required=True, help="The other system's name.")
@click.option("--total", required=True, help="What all of them are worth together, in euro: must be the list's sum.")
@click.option("--receipt", required=True, help="The credit on the trust account: its number, or the bank's reference.")
@click.option("--by", required=True, help="E-mail of the person who moves them in.")
@click.option("--approved-by", "approved_by", required=True, help="E-mail of the second person.")
@click.option("--dry-run", is_flag=True, help="Check and report, write nothing.")
def move_in(file: Path, *, by: str, approved_by: str, dry_run: bool, **options: str) -> None:
    """Take over another system's vouchers from a CSV list: codes (or their SHA-256), balances, days of issue.

    Codes keep working, the limitation period runs on from the first day, the sum is taken from the receipt (KZ an VL).
    """
    try:
        programme = programmes.load_programme(options["slug"])
        first, second = require_two_people(programme.issuer_id, by, approved_by, "vouchers.issue")
        listed = lists.read_list(file.read_bytes())
        receipt = queries.find_for_value(options["receipt"], programme.issuer_id)
        _print_report(import_vouchers.preview(programme, listed, amount.parse(options["total"])))
        if dry_run:
            click.echo("Probelauf: Nichts wurde geschrieben.")
            return
        with click.progressbar(length=len(listed.lines), label="Gutscheine") as bar:
            order = ImportOrder(
                programme_id=programme.id,
                source=options["source"],
                receipt_id=receipt.id,
                moved_by=first,
                approved_by=second,
            )
            move = import_vouchers.import_list(order, listed, lambda done, _total: bar.update(done - bar.pos))
        click.echo(f"Übernommen. Vorgang {move}")
        _prove()
    except DomainError as error:
        raise _failure(error) from error


@click.command("export")
@click.argument("issuer")
@click.option("--out", "path", required=True, type=click.Path(path_type=Path), help="The file to write (ZIP).")
def export(issuer: str, path: Path) -> None:
    """Write an issuer (its short name) with vouchers, agreements, tills and books into one file."""
    found = session.scalars(sa.select(Organisation).where(Organisation.slug == issuer)).one_or_none()
    if found is None or found.kind != OrganisationKind.ISSUER:
        raise click.ClickException("Diesen Herausgeber gibt es nicht.")
    if path.exists():
        raise click.ClickException("Diese Datei gibt es schon.")
    issuer_id: UUID = found.id
    session.rollback()
    sealing.seal_all()
    manifest = export_issuer.export(issuer_id, path, lambda table, rows: click.echo(f"  {table:<20}{rows:>12,}"))
    click.echo(f"{manifest.vouchers} Gutscheine mit {euro(manifest.voucher_cents)}; {path}")
    click.echo("Der CODE_PEPPER reist getrennt: Ohne ihn gilt im neuen Haus kein Code.")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and this house, write nothing.")
def import_archive(file: Path, dry_run: bool) -> None:
    """Take an exported issuer into this empty house, then seal, count and prove its books."""
    try:
        manifest = restore_issuer.preview(file)
        click.echo(f"{manifest.issuer}: {manifest.vouchers} Gutscheine mit {euro(manifest.voucher_cents)}")
        if dry_run:
            click.echo("Probelauf: Der Auszug ist heil und passt hierher. Nichts wurde geschrieben.")
            return
        restore_issuer.restore(file, lambda table, rows: click.echo(f"  {table:<20}{rows:>12,}"))
        _prove()
    except DomainError as error:
        raise _failure(error) from error


def _print_report(report: ImportReport) -> None:
    click.echo(f"{report.count} Gutscheine, zusammen {euro(report.cents)}")
    for year, cents in report.years.items():
        click.echo(f"  gültig bis Ende {year}: {euro(cents)}")
    if report.barred_count:
        click.echo(f"  davon schon verjährt: {report.barred_count} mit {euro(report.barred_cents)}")


def _prove() -> None:
    sealing.seal_all()
    for recount in recounts.values():
        recount()
    findings, broken = proof.prove(), chain.verify()
    for finding in findings:
        click.echo(f"{finding.code} {finding.sentence} {finding.rows}", err=True)
    if findings or not broken.ok:
        raise click.ClickException("Die Bücher stimmen nicht. Bitte nicht benutzen, sondern melden.")
    click.echo("Die Bücher sind bewiesen, die Kette ist heil.")


def _failure(error: DomainError) -> click.ClickException:
    errors = error.details.get("errors")
    lines = [str(error.sentence), *(str(line) for line in (errors if isinstance(errors, list) else []))]
    return click.ClickException("\n".join(lines))
