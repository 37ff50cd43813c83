"""The shop finder: which shops take a voucher, by town and trade, open now, without a step. For everybody."""

from flask import render_template, request, url_for

from foundation.wiring import audience
from people.trades import trade_word
from people.web.guards import allow_anyone
from vouchers.network import programmes
from vouchers.wallet import shop_finder

pages = audience("wallet_finder", __name__, guard=allow_anyone, url_prefix="/geldboerse/geschaefte")


@pages.get("/<slug>")
def shops(slug: str) -> str:
    """Show the list with its filters, and the map of the towns."""
    programme = programmes.load_programme(slug[:80])
    shop_filter = shop_finder.ShopFilter(
        ags=request.args.get("ort", "")[:8],
        trade=request.args.get("gewerbe", "")[:40],
        open_now=request.args.get("offen") == "1",
        step_free=request.args.get("stufenlos") == "1",
    )
    found = shop_finder.find_shops(programme.id, shop_filter)
    towns = {
        ags: {"count": count, "url": url_for("wallet_finder.shops", slug=programme.slug, ort=ags)}
        for ags, _name, count in found.towns
    }
    return render_template(
        "vouchers/wallet/finder/shops.html",
        programme=programme,
        shop_filter=shop_filter,
        found=found,
        towns=towns,
        town_options=[(ags, f"{name} ({count})") for ags, name, count in found.towns],
        trade_options=sorted(((slug, trade_word(slug)) for slug, _count in found.trades), key=lambda trade: trade[1]),
        trade_word=trade_word,
    )
