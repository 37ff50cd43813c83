"""The command line of stock cards: `flask vouchers cards make`. Decision 0315."""

import os
from pathlib import Path
from uuid import UUID

import click
from flask.cli import AppGroup

from foundation.database import transact, uuid7
from foundation.errors import DomainError
from people.models import Person
from people.permissions import is_allowed
from people.queries import find_person
from vouchers.cards import batches
from vouchers.network import programmes
from vouchers.stored_value.models import Programme

cards = AppGroup("cards", help="Stock cards.")


def add_to(group: AppGroup) -> None:
    """Add the commands to `flask vouchers`."""
    group.add_command(cards)


@cards.command("make")
@click.option("--programme", "slug", required=True, help="Short name of the programme.")
@click.option("--count", required=True, type=click.IntRange(1, batches.MAX_BATCH_CARDS), help="How many cards.")
@click.option("--cents", type=click.IntRange(1), help="Their fixed value in cents; the buyer chooses when left out.")
@click.option("--name", required=True, help="What the batch is called, such as the print order.")
@click.option("--by", required=True, help="E-mail of the person who makes it.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="New file for the secrets.")
def make(slug: str, count: int, cents: int | None, name: str, by: str, out: Path) -> None:
    """Make a batch of cards and write the file for the print shop. They are worth nothing until a counter sells them.

    The secrets stand in that file alone, which only you can read. Nothing is made when it exists already or cannot be
    written.
    """
    try:
        programme = programmes.load_programme(slug)
        person = _find_maker(by, programme)
        transact(_make_and_write, out, programme.id, count, cents, name, f"person:{person.id}")
    except DomainError as error:
        raise click.ClickException(str(error.sentence)) from error
    click.echo(f"{count} Karten: {out}")


def _find_maker(email: str, programme: Programme) -> Person:
    person = find_person(email)
    roles = {m.role for m in person.memberships if m.organisation_id == programme.issuer_id} if person else set()
    if person is None or not is_allowed(roles, "cards.manage"):
        raise click.UsageError("--by nennt niemanden, der für den Herausgeber mit Karten arbeitet.")
    return person


def _make_and_write(out: Path, programme_id: UUID, count: int, cents: int | None, name: str, by: str) -> None:
    """Write the file before the transaction ends: there are no cards whose secrets nobody has."""
    made = batches.make_batch(programme_id, name=name, count=count, face_cents=cents, made_by=by, key=str(uuid7()))
    try:
        file = os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="")
    except OSError as error:
        raise click.UsageError(f"{out} gibt es schon oder lässt sich nicht anlegen.") from error
    with file, click.progressbar(batches.write_print_file(made.cards), length=count + 1, label="Druckdatei") as lines:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
