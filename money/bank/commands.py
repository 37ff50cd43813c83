"""The command line of the bank: `flask money bank account`, `import`."""

import sys
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from foundation.database import session, transact
from foundation.errors import DomainError
from money.amount import euro
from money.bank import accounts, importing, statements
from money.bank.states import LeftOutReason
from people.models import Organisation

WHY = {
    LeftOutReason.DEBIT: "Belastungen",
    LeftOutReason.NOT_BOOKED: "noch nicht gebucht",
    LeftOutReason.NOT_IN_EURO: "nicht in Euro oder ohne Betrag",
    LeftOutReason.WITHOUT_DAY: "ohne Buchungstag",
    LeftOutReason.WITHOUT_REFERENCE: "ohne Referenz der Bank, bitte von Hand erfassen",
}

bank = AppGroup("bank", help="Accounts of issuers, statements of their banks.")


@bank.command("account")
@click.option("--ledger", required=True, help="Slug of the issuer.")
@click.option("--iban", required=True, help="IBAN of the trust account.")
@click.option("--holder", required=True, help="Its holder, as the bank writes it.")
def record_account(ledger: str, iban: str, holder: str) -> None:
    """Record an issuer's trust account. Another one before it is closed and goes on taking late money."""
    issuer = session.scalar(sa.select(Organisation).where(Organisation.slug == ledger))
    if issuer is None:
        raise click.ClickException(f"Es gibt keine Organisation „{ledger}“.")
    try:
        transact(accounts.record_account, issuer.id, iban=iban, holder=holder)
    except DomainError as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(f"Treuhandkonto von {ledger} ist erfasst.")


@bank.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_statement(file: Path, dry_run: bool) -> None:
    """Take over the credits of a statement (CAMT.053 or CAMT.054). The same file again takes nothing.

    Ends with 1 when something could not be taken over.
    """
    if file.stat().st_size > statements.MAX_FILE_BYTES:
        raise click.ClickException("Die Datei ist größer als 10 MB.")
    try:
        report = importing.import_file(file.read_bytes(), dry_run=dry_run, progress=_say)
    except DomainError as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    for line in list_report_lines(report, dry_run):
        click.echo(line)
    sys.exit(0 if report.ok else 1)


def list_report_lines(report: importing.StatementReport, dry_run: bool = False) -> list[str]:
    """Say in lines what became of a statement: taken over, known, left out, refused."""
    first = "Probelauf, nichts geschrieben: " if dry_run else ""
    lines = [
        f"{first}{report.new} neue Eingänge über {euro(report.new_cents)}, {report.known} waren bekannt",
        f"{report.paid} haben eine Zahlung erfüllt, {report.to_decide} warten auf eine Entscheidung (/office/bank)",
    ]
    lines += [f"übergangen: {count} {WHY[reason]}" for reason, count in sorted(report.left_out.items())]
    return lines + [f"ABGELEHNT {reference}: {reason}" for reference, reason in report.refused]


def _say(done: int) -> None:
    if done % 500 == 0:
        click.echo(f"… {done}", err=True)
