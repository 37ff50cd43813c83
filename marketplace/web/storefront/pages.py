"""Pages that only say something: help, imprint, privacy, accessibility, the order of hits."""

import sqlalchemy as sa
from flask import render_template

from foundation.database import call
from marketplace.cache import kept
from marketplace.catalogue.search import MAX_COUNTED_KM, MAX_HITS, POINTS
from marketplace.web.storefront.blueprint import pages
from people.models import Organisation


@kept(300)
def _operator() -> dict[str, str] | None:
    """Who runs the marketplace, from the organisations."""
    columns = (
        Organisation.legal_name,
        Organisation.street,
        Organisation.postcode,
        Organisation.town,
        Organisation.email,
        Organisation.phone,
        Organisation.vat_id,
        Organisation.register,
    )
    rows = call(sa.select(*columns).where(Organisation.kind == "operator").order_by(Organisation.created_at).limit(1))
    return dict(rows[0]._mapping) if rows else None


@pages.get("/hilfe")
def help_page() -> str:
    """How it works, and whom to call."""
    return render_template("marketplace/storefront/pages/help_page.html")


@pages.get("/impressum")
def imprint() -> str:
    """Who is behind it (DDG § 5)."""
    return render_template("marketplace/storefront/pages/imprint.html", operator=_operator())


@pages.get("/datenschutz")
def privacy() -> str:
    """What is stored, why, how long (GDPR Art. 13)."""
    return render_template("marketplace/storefront/pages/privacy.html", operator=_operator())


@pages.get("/barrierefreiheit")
def accessibility() -> str:
    """How accessible it is, and where to complain (BFSG)."""
    return render_template("marketplace/storefront/pages/accessibility.html", operator=_operator())


@pages.get("/reihenfolge")
def ranking() -> str:
    """How hits are ordered (UWG § 5b (2), Regulation (EU) 2019/1150 Art. 5)."""
    return render_template(
        "marketplace/storefront/pages/ranking.html", points=POINTS, far=MAX_COUNTED_KM, most=MAX_HITS
    )
