"""Whose offers a page of the desk is about."""

from flask import request

from marketplace.shops import directory
from marketplace.web import errors as web_errors
from people.errors import outlet_not_yours
from people.models import Outlet
from people.web.guards import list_current_outlets, requires

SEE, CHANGE = "offers.see", "offers.change"


def choose_shop(permission: str) -> tuple[Outlet, list[Outlet]]:
    """Choose the shop that `laden` names, or the first, among those with a window in which the person may.

    Gives back all of these too. Refuses persons without such a shop, and others' shops.
    """
    requires(permission)()
    shops = directory.load_shops()
    mine = [outlet for outlet in list_current_outlets(permission) if outlet.id in shops]
    if not mine:
        raise web_errors.no_storefront_of_yours()
    wanted = request.args.get("laden") or request.form.get("laden")
    if not wanted:
        return mine[0], mine
    chosen = next((outlet for outlet in mine if outlet.slug == wanted), None)
    if chosen is None:
        raise outlet_not_yours()
    return chosen, mine
