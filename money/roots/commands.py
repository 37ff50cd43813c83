"""The command line of what leaves the house: `flask money roots …`."""

from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from foundation.errors import DomainError
from money.roots import export, publishing, queries

roots = AppGroup("roots", help="Roots of days: show, publish, export what strangers can check.")
Day = click.DateTime(["%Y-%m-%d"])


@roots.command("show")
@click.option("--days", default=queries.PAGE_DAYS, show_default=True, help="How many.")
def show(days: int) -> None:
    """Show the published roots, the newest first: day, root of the seals, root of the balances."""
    for root in queries.list_roots(days):
        click.echo(str(root))


@roots.command("publish")
def publish() -> None:
    """Compute what is due and give it to everybody who has not got it. A job does the same every ten minutes."""
    publishing.publish_roots()


@roots.command("export")
@click.option("--from", "since", type=Day, required=True, help="First day.")
@click.option("--until", type=Day, required=True, help="Last day; it must have a root.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_period(since: datetime, until: datetime, file: Path) -> None:
    """Write days to a file that scripts/verify_books.py checks; packed when its name ends with .gz."""
    try:
        lines = export.write_period(since.date(), until.date(), file)
    except DomainError as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(f"{lines} Zeilen nach {file} geschrieben")
