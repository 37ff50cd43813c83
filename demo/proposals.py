"""What waits for a second person in the demo: goodwill and a voucher from the office, proposed by the first clerk."""

import sqlalchemy as sa

from demo import incoming
from foundation.database import session
from people.models import Person
from vouchers.adjustments import goodwill, manual_issue
from vouchers.stored_value.models import Programme, Voucher


def lay() -> None:
    """Two proposals by Gerd Gutmann. Hanna Zweit can approve them."""
    slug = "muensterland-gutschein"
    programme = session.scalars(sa.select(Programme).where(Programme.slug == slug)).unique().one()
    first = session.scalars(sa.select(Person.id).where(Person.email.startswith("gerd."))).one()
    newest = sa.select(Voucher.id).where(Voucher.programme_id == programme.id, Voucher.state == "active")
    voucher = session.scalars(newest.order_by(Voucher.issued_at.desc()).limit(1)).one()
    goodwill.propose(goodwill.AdjustmentRequest(voucher, 500, "Ein Laden hatte trotz Aushang geschlossen"), first)
    paid = incoming.receive(programme.issuer_id, 5000, "Heimatverein Coesfeld", "Gutschein für die Tombola")
    manual_issue.propose(
        manual_issue.ManualIssueRequest(
            programme.id, 5000, "heimatverein@example.org", paid, "Preis der Tombola, überwiesen"
        ),
        first,
    )
