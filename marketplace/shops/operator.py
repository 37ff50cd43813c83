"""Who runs the marketplace, as its imprint says (DDG § 5)."""

import sqlalchemy as sa

from foundation.database import call
from marketplace.cache import cached
from people.models import Organisation, OrganisationKind

COLUMNS = (
    Organisation.legal_name,
    Organisation.street,
    Organisation.postcode,
    Organisation.town,
    Organisation.email,
    Organisation.phone,
    Organisation.vat_id,
    Organisation.register,
)


@cached(seconds=300)
def load_operator() -> dict[str, str] | None:
    """Load what is said about the organisation that runs the marketplace; nothing while there is none."""
    query = sa.select(*COLUMNS).where(Organisation.kind == OrganisationKind.OPERATOR)
    rows = call(query.order_by(Organisation.created_at).limit(1))
    return dict(rows[0]._mapping) if rows else None
