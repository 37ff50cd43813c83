"""The command line of vouchers: `flask vouchers issue` out of a credit of the bank; `block` for stolen ones."""

import json
from dataclasses import dataclass
from uuid import UUID

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup

from foundation import audit
from foundation.database import session, transact, uuid7
from foundation.errors import DomainError
from money.bank import allocation, queries
from people.dual_control import require_two_people
from people.permissions import is_allowed
from people.queries import find_person
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


@dataclass(frozen=True)
class Batch:
    """Vouchers that two people issue against one receipt of the bank."""

    id: UUID
    programme: Programme
    cents: int
    receipt_id: UUID
    person_ids: tuple[UUID, UUID]


@group.command("issue")
@click.option("--programme", "slug", required=True, help="Short name of the programme.")
@click.option("--cents", required=True, type=click.IntRange(1), help="Face value of each voucher, in cents.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, MAX_VOUCHERS), help="How many.")
@click.option("--receipt", required=True, help="The credit on the trust account: its number, or the bank's reference.")
@click.option("--by", required=True, help="E-mail of the person who issues.")
@click.option("--approved-by", "approved_by", required=True, help="E-mail of the second person, who approves.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the secrets in plain. Only once.")
def issue(slug: str, cents: int, count: int, *, receipt: str, as_json: bool, **persons: str) -> None:
    """Issue vouchers out of a credit on the trust account (KZ an VL). Two different persons stand for it.

    The receipt is consumed to the cent. The secrets are printed once and stored nowhere.
    """
    try:
        programme = programmes.load_programme(slug)
        two = require_two_people(programme.issuer_id, persons["by"], persons["approved_by"], "vouchers.issue")
        found = queries.find_for_value(receipt, programme.issuer_id)
        batch = Batch(uuid7(), programme, cents, found.id, two)
        transact(_open_batch, batch, count)
        done = 0
        while done < count:
            made = transact(_issue_some, batch, min(CHUNK, count - done), done)
            done += len(made)
            for voucher in made:
                click.echo(_format_voucher(voucher, slug, as_json))
    except DomainError as error:
        raise click.ClickException(str(error.sentence)) from error


def _open_batch(batch: Batch, count: int) -> None:
    total = batch.cents * count
    allocation.check_free_for_value(batch.receipt_id, total, batch.programme.issuer_id)
    limits.sell_now(batch.id, batch.programme.id, total)
    audit.record(
        "vouchers.issue",
        "voucher_batch",
        batch.id,
        programme=str(batch.programme.id),
        cents=batch.cents,
        count=count,
        receipt=str(batch.receipt_id),
        by=f"person:{batch.person_ids[0]}",
        approved_by=f"person:{batch.person_ids[1]}",
    )


def _issue_some(batch: Batch, count: int, first: int) -> list[Issued]:
    # What a portion needs is taken within its transaction: where a run breaks off, the rest stays with the receipt.
    allocation.allocate_to_value(
        batch.receipt_id,
        batch.id,
        batch.cents * count,
        ledger_id=batch.programme.issuer_id,
        person_ids=batch.person_ids,
    )
    return issuing.issue_many(
        batch.programme.id,
        [batch.cents] * count,
        terms=issuing.LotTerms(reason=f"four eyes, batch {batch.id}"),
        funding=Funding("KZ", batch.id),
        actor_id=batch.id,
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
