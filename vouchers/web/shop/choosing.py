"""Which vouchers there are, where each is good, and under which conditions."""

from flask import render_template, url_for

from vouchers.network import acceptances
from vouchers.network import programmes as programmes_on_offer
from vouchers.sales import conditions
from vouchers.stored_value.models import Programme
from vouchers.web.shop.blueprint import find_basket, pages


@pages.get("")
def programmes() -> str:
    """Show which vouchers there are and where they are accepted, on a map."""
    link, order = find_basket()
    offered = programmes_on_offer.list_on_sale()
    return render_template(
        "vouchers/shop/choosing/programmes.html",
        programmes=offered,
        counts=acceptances.count_by_programme([p.id for p in offered]),
        maps={p.id: _build_map(p) for p in offered},
        link=link,
        order=order,
    )


def _build_map(programme: Programme) -> dict[str, dict[str, object]]:
    """Every town where the programme is accepted, with the number of shops."""
    shops = url_for("voucher_shop.shops", slug=programme.slug)
    counts = acceptances.count_by_town(programme.id)
    return {ags: {"count": count, "url": f"{shops}#ort-{ags}"} for ags, count in counts.items()}


@pages.get("/<slug>/laeden")
def shops(slug: str) -> str:
    """Show where the voucher is accepted, by town, with telephone. Also for vouchers that are no longer sold."""
    programme = programmes_on_offer.load_programme(slug[:80])
    accepting = acceptances.list_outlets(programme.id)
    return render_template("vouchers/shop/choosing/shops.html", programme=programme, shops=accepting)


@pages.get("/<slug>/bedingungen")
def terms(slug: str) -> str:
    """Show what is agreed when this voucher is sold."""
    programme = programmes_on_offer.load_programme(slug[:80])
    return render_template(
        "vouchers/shop/choosing/terms.html", programme=programme, sections=conditions.list_sections(programme)
    )
