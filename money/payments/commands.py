"""`flask money payments`: the newest payments; `flask money reconcile`: a span of time compared with the provider."""

from datetime import UTC, datetime, timedelta

import click

from foundation.clock import BERLIN
from foundation.errors import DomainError
from money.amount import euro
from money.payments import comparing, queries


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


@click.command("reconcile")
@click.option("--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--until", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
def reconcile(first: datetime, last: datetime) -> None:
    """Compare these days with the provider, both ways: objects and the lines of its statement; also after a restore.

    What is known heals by itself, what is not becomes a case of the office. Ends with 1 when there are new cases.
    """
    since = first.replace(tzinfo=BERLIN).astimezone(UTC)
    until = (last + timedelta(days=1)).replace(tzinfo=BERLIN).astimezone(UTC)
    try:
        done = comparing.reconcile(since, until)
    except DomainError as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    click.echo(
        f"{done.sessions} pages, {done.payments} payments, {done.refunds} refunds, {done.disputes} disputes,"
        f" {done.payouts} payouts at the provider; {done.lines} new lines of its statement"
    )
    for ref in done.cases:
        click.echo(f"new case: {ref}")
    if done.cases:
        raise SystemExit(1)
