"""The command line of vouchers: `flask vouchers issue` for stock cards, demos, load tests; `block` for stolen ones."""

import json
from uuid import UUID

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup

from foundation import audit
from foundation.config import settings
from foundation.database import session, transact, uuid7
from foundation.errors import DomainError
from foundation.models import AuditRecord
from people.permissions import is_allowed
from people.queries import find_person
from vouchers.approvals.dual_control import require_two_people
from vouchers.cards import commands as cards
from vouchers.moving import commands as moving
from vouchers.network import limits, programmes
from vouchers.purchases.errors import sale_number_unknown
from vouchers.purchases.models import VoucherSale
from vouchers.stored_value import access, issuing
from vouchers.stored_value.issuing import Funding, Issued
from vouchers.stored_value.models import Programme

CHUNK = 500
MAX_VOUCHERS = 100_000

group = AppGroup("vouchers", help="Vouchers.")


@group.command("issue")
@click.option("--programme", "slug", required=True, help="Short name of the programme.")
@click.option("--cents", required=True, type=click.IntRange(1), help="Face value of each voucher, in cents.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, MAX_VOUCHERS), help="How many.")
@click.option("--reference", help="Reference of the money that arrived in the trust account (bank statement line).")
@click.option("--by", "by", help="E-mail of the person who issues.")
@click.option("--approved-by", "approved_by", help="E-mail of the second person, who approves.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the secrets in plain. Only once.")
def issue(
    slug: str, cents: int, count: int, reference: str | None, by: str | None, approved_by: str | None, as_json: bool
) -> None:
    """Issue vouchers against money in the trust account (TB an VL). Two different persons stand for it.

    The secrets are printed once and stored nowhere. In a demo the reference and the two persons may be left out.
    """
    try:
        programme = programmes.load_programme(slug)
        reference, issuer, approver = _require_two_people(programme, reference, by, approved_by)
        batch = transact(_open_batch, programme.id, cents, count, reference, issuer, approver)
        done = 0
        while done < count:
            made = transact(_issue_some, programme.id, cents, min(CHUNK, count - done), batch, done, reference)
            done += len(made)
            for voucher in made:
                click.echo(_format_voucher(voucher, slug, as_json))
    except DomainError as error:
        raise click.ClickException(str(error.sentence)) from error


def _require_two_people(
    programme: Programme, reference: str | None, by: str | None, approved_by: str | None
) -> tuple[str, str, str]:
    if settings().demo and not (reference or by or approved_by):
        return f"Vorführung {uuid7()}", "demo:issuer", "demo:approver"
    if not (reference and by and approved_by):
        raise click.UsageError(
            "Nötig sind --reference, --by und --approved-by: Wert entsteht nur gegen Geld, zu zweit."
        )
    return reference[:100], *require_two_people(programme.issuer_id, by, approved_by, "vouchers.issue")


def _open_batch(programme_id: UUID, cents: int, count: int, reference: str, issuer: str, approver: str) -> UUID:
    used = sa.select(AuditRecord.id).where(
        AuditRecord.subject_kind == "voucher_batch", AuditRecord.detail["reference"].astext == reference
    )
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:r))"), {"r": reference})
    if session.scalar(used.limit(1)):
        raise click.UsageError("Gegen diesen Zahlungseingang wurde schon ausgegeben.")
    batch = uuid7()
    limits.sell_now(batch, programme_id, cents * count)
    audit.record(
        "vouchers.issue",
        "voucher_batch",
        batch,
        programme=str(programme_id),
        cents=cents,
        count=count,
        reference=reference,
        by=issuer,
        approved_by=approver,
    )
    return batch


def _issue_some(programme_id: UUID, cents: int, count: int, batch: UUID, first: int, reference: str) -> list[Issued]:
    return issuing.issue_many(
        programme_id,
        [cents] * count,
        terms=issuing.LotTerms(reason=f"four eyes, batch {batch}, {reference}"[:200]),
        funding=Funding("TB"),
        actor_id=batch,
        keys=[f"batch:{first + place}" for place in range(count)],
    )


def _format_voucher(voucher: Issued, slug: str, as_json: bool) -> str:
    if not as_json:
        return f"{voucher.code}  PIN {voucher.pin}  {voucher.token}"
    return json.dumps(
        {
            "token": voucher.token,
            "code": voucher.code,
            "pin": voucher.pin,
            "programme": slug,
            "cents": voucher.cents,
            "voucher_id": str(voucher.voucher_id),
        }
    )


@group.command("block")
@click.argument("sale")
@click.option("--by", required=True, help="E-mail of the person who blocks.")
@click.option("--reason", required=True, help="Why, such as the number of the bank's dispute.")
@click.option("--undo", is_flag=True, help="Let it be redeemed again.")
def block(sale: str, by: str, reason: str, undo: bool) -> None:
    """Block the voucher of an order (its number, MG-…), for money that a bank called back. Nothing else changes."""
    person = find_person(by)
    if person is None or not is_allowed({m.role for m in person.memberships}, "vouchers.issue"):
        raise click.UsageError("--by nennt niemanden, der Gutscheine sperren darf.")
    try:
        transact(_block, sale.strip().upper(), person.id, reason, undo)
    except DomainError as error:
        raise click.ClickException(str(error.sentence)) from error
    click.echo("entsperrt" if undo else "gesperrt")


def _block(number: str, person_id: UUID, reason: str, undo: bool) -> None:
    voucher_id = session.scalar(sa.select(VoucherSale.voucher_id).where(VoucherSale.number == number))
    if voucher_id is None:
        raise sale_number_unknown()
    act = access.unblock if undo else access.block
    act(voucher_id, actor_id=person_id, key=str(uuid7()), reason=reason)
    verb = "voucher.unblock" if undo else "voucher.block"
    audit.record(verb, "voucher", voucher_id, sale=number, by=f"person:{person_id}", reason=reason[:200])


def plug(app: Flask) -> None:
    """Add the commands of vouchers to the command line."""
    for room in (moving, cards):
        room.add_to(group)
    app.cli.add_command(group)
