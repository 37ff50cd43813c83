"""`flask money payments`: the newest payments, for operators."""

import click

from money.amount import euro
from money.payments import queries


@click.command("payments")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500), help="How many.")
def payments(limit: int) -> None:
    """List the newest payments with the state of their parts. No names, no addresses."""
    for payment in queries.list_recent(limit):
        parts = ", ".join(f"{tender.method} {euro(tender.cents)} {tender.state}" for tender in payment.tenders)
        reason = f" ({payment.reason})" if payment.reason else ""
        click.echo(
            f"{payment.created_at:%Y-%m-%d %H:%M}  {payment.id}  {payment.kind}  {payment.state}{reason}  {parts}"
        )
