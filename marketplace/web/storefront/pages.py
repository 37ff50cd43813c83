"""Pages that only say something: help, imprint, privacy, accessibility, the order of hits."""

from flask import render_template

from marketplace.catalogue.search import MAX_COUNTED_KM, MAX_HITS, POINTS
from marketplace.shops.operator import load_operator
from marketplace.web.storefront.blueprint import pages


@pages.get("/hilfe", endpoint="help_page")
def show_help() -> str:
    """Show how it works, and whom to call."""
    return render_template("marketplace/storefront/pages/help_page.html")


@pages.get("/impressum", endpoint="imprint")
def show_imprint() -> str:
    """Show who is behind it (DDG § 5)."""
    return render_template("marketplace/storefront/pages/imprint.html", operator=load_operator())


@pages.get("/datenschutz", endpoint="privacy")
def show_privacy() -> str:
    """Show what is stored, why, how long (GDPR Art. 13)."""
    return render_template("marketplace/storefront/pages/privacy.html", operator=load_operator())


@pages.get("/barrierefreiheit", endpoint="accessibility")
def show_accessibility() -> str:
    """Show how accessible it is, and where to complain (BFSG)."""
    return render_template("marketplace/storefront/pages/accessibility.html", operator=load_operator())


@pages.get("/reihenfolge", endpoint="ranking")
def show_ranking() -> str:
    """Show how hits are ordered (UWG § 5b (2), Regulation (EU) 2019/1150 Art. 5)."""
    return render_template(
        "marketplace/storefront/pages/ranking.html", points=POINTS, far=MAX_COUNTED_KM, most=MAX_HITS
    )
