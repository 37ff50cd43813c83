"""What must be true of the books after all journeys, and of the provider's."""

from tests.browser.ground import Site, wait_for

RECEIVED = "SELECT coalesce(sum(cents), 0)::bigint FROM entry WHERE kind IN ('payment_captured', 'payment_collected')"
RETURNED = """SELECT coalesce(sum(cents) FILTER (WHERE kind = 'payment_refunded'), 0)::bigint
                   - coalesce(sum(cents) FILTER (WHERE kind = 'payment_refund_failed'), 0)::bigint FROM entry"""
FEES = "SELECT coalesce(sum(fee_cents), 0)::bigint FROM provider_call"
FEES_BOOKED = "SELECT coalesce(sum(cents), 0)::bigint FROM entry WHERE kind = 'provider_fee'"
FEES_PAID = f"{FEES_BOOKED} AND debit_account = 'GK'"  # on sellers' money they are a memo
FEES_OWN = """SELECT coalesce(sum(c.fee_cents), 0)::bigint FROM provider_call c JOIN payment p ON p.id = c.payment_id
               WHERE p.rail = 'issuer'"""
BUSY = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' OR (status = 'todo' AND scheduled_at IS NULL)"
UNREAD = "SELECT count(*) FROM webhook_event WHERE done_at IS NULL"


def number(site: Site, sql: str) -> int:
    return int(site.ask(sql)[0][0])


def quiet(site: Site) -> None:
    """Wait until nothing is under way between us and the provider."""
    site.stripe.flush()
    wait_for(lambda: number(site, UNREAD) == 0, "all messages to be read")
    wait_for(lambda: number(site, BUSY) == 0, "all jobs to be done")


def differences(site: Site) -> dict[str, tuple[int, int]]:
    """Where our books and the provider's are not of one opinion: (ours, theirs) in cents."""
    theirs = site.stripe.state()["totals"]
    pairs = {
        "captured": (number(site, RECEIVED), theirs["captured"]),
        "refunded": (number(site, RETURNED), theirs["refunded"]),
        "fees": (number(site, FEES), theirs["fee"]),
        "fees booked": (number(site, FEES_BOOKED), theirs["fee"]),
        "fees of voucher money": (number(site, FEES_PAID), number(site, FEES_OWN)),
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def proven(site: Site) -> None:
    """Everything sealed, every query of the proof empty, the chain whole, and the provider of the same opinion."""
    quiet(site)
    site.flask("money", "seal", "--once")
    site.flask("money", "prove")
    site.flask("money", "chain")
    found = differences(site)
    assert found == {}, found
