"""The command line of the bank: `flask money bank account`, `feed`, `import`, and `flask money float`."""

import sys
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from foundation.database import session, transact
from foundation.errors import DomainError
from money.amount import euro
from money.bank import accounts, allocation, importing, lines, queries, statements
from money.bank.states import AccountPurpose, AllocationPlace, Feed, LeftOutReason
from people.dual_control import require_two_people
from people.models import Organisation

WHY = {
    LeftOutReason.NOT_BOOKED: "noch nicht gebucht",
    LeftOutReason.NOTHING: "über 0,00 €",
}

bank = AppGroup("bank", help="Accounts of issuers, statements of their banks.")


@bank.command("account")
@click.option("--ledger", required=True, help="Slug of the issuer.")
@click.option("--iban", required=True, help="IBAN of the account.")
@click.option("--holder", required=True, help="Its holder, as the bank writes it.")
@click.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in AccountPurpose]),
    default=AccountPurpose.TRUST.value,
    help="trust: the pool that vouchers are owed out of. operating: the issuer's own money.",
)
def record_account(ledger: str, iban: str, holder: str, purpose: str) -> None:
    """Record an issuer's account. Another one before it is closed and goes on taking late money."""
    issuer = _find_issuer(ledger)
    try:
        transact(accounts.record_account, issuer.id, iban=iban, holder=holder, purpose=AccountPurpose(purpose))
    except DomainError as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    name = {"trust": "Treuhandkonto", "operating": "Betriebskonto"}[purpose]
    click.echo(f"{name} von {ledger} ist erfasst.")


@bank.command("feed")
@click.option("--iban", required=True, help="IBAN of a recorded account.")
@click.argument("feed", type=click.Choice([feed.value for feed in Feed]))
def choose_feed(iban: str, feed: str) -> None:
    """Say which kind of file moves an account: daily (CAMT.053 or MT940, the usual one) or intraday (CAMT.052)."""
    account = accounts.find_by_iban(iban)
    if account is None:
        raise click.ClickException("Dieses Konto ist nicht erfasst.")
    try:
        transact(lines.choose_feed, account.id, Feed(feed))
    except DomainError as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo("Gewählt.")


@bank.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_statement(file: Path, dry_run: bool) -> None:
    """Take over a bank's file: CAMT.053, .052, .054, a ZIP of them, or MT940. The same file again takes nothing.

    A file that does not add up, or does not begin where the last one ended, is refused whole. Ends with 1 then, and
    when a line could not be decided.
    """
    if file.stat().st_size > statements.MAX_FILE_BYTES:
        raise click.ClickException("Die Datei ist größer als 40 MB.")
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
    said = [
        f"{first}{report.new} neue Eingänge über {euro(report.new_cents)}, {report.debits} Abgänge,"
        f" {report.known} Umsätze waren bekannt, {report.notices} nur angekündigt",
        f"{report.paid} Zahlungen sind erfüllt, {report.to_decide} Umsätze warten auf eine Entscheidung (/office/bank)",
    ]
    said += [f"übergangen: {count} {WHY[reason]}" for reason, count in sorted(report.left_out.items())]
    return said + [f"OFFEN {line}: {reason}" for line, reason in report.refused]


def _say(done: int) -> None:
    if done % 500 == 0:
        click.echo(f"… {done}", err=True)


def _find_issuer(slug: str) -> Organisation:
    issuer = session.scalar(sa.select(Organisation).where(Organisation.slug == slug))
    if issuer is None:
        raise click.ClickException(f"Es gibt keine Organisation „{slug}“.")
    return issuer


@click.command("float")
@click.option("--ledger", required=True, help="Slug of the issuer.")
@click.option("--receipt", required=True, help="The credit on the trust account: its number, or the bank's reference.")
@click.option("--by", required=True, help="E-mail of the person who says that it is own money.")
@click.option("--approved-by", required=True, help="E-mail of the second person, who approves.")
@click.option("--reason", required=True, help="Who decided it and why.")
def book_float(ledger: str, receipt: str, reason: str, **persons: str) -> None:
    """Book what is left of a credit on the trust account as the issuer's own funds. Two persons stand for it."""
    issuer_id = _find_issuer(ledger).id
    first, second = require_two_people(issuer_id, persons["by"], persons["approved_by"], "bank.handle")
    try:
        found = queries.find_for_value(receipt, issuer_id)
        cents = transact(
            allocation.reclassify, found.id, AllocationPlace.OWN, person_id=first, approved_by=second, note=reason
        )
    except DomainError as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(f"{euro(cents)} gebucht, Eingang {found.id}")
