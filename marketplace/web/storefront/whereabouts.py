"""Where the reader said to be: asked for in the search, remembered in a cookie of ours, never guessed."""

from flask import Response, request

from marketplace.shops.locations import MAX_LOCATION_CHARS, Location, find_location
from marketplace.web.arguments import clean

COOKIE = "place"
COOKIE_TTL_SECONDS = 365 * 86400


def read_location() -> tuple[str, Location | None]:
    """Read what was typed as place (or remembered), and the point it stands for."""
    typed = request.args.get("ort")
    text = clean(typed if typed is not None else request.cookies.get(COOKIE, ""), MAX_LOCATION_CHARS)
    return text, find_location(text) if text else None


def remember_location(response: Response, place: Location | None) -> Response:
    """Keep a place that was typed and found, or forget it when the field was emptied."""
    if "ort" in request.args:
        if place:
            response.set_cookie(COOKIE, place.text, max_age=COOKIE_TTL_SECONDS, samesite="Lax", httponly=True)
        elif not request.args["ort"].strip() and COOKIE in request.cookies:
            response.delete_cookie(COOKIE)
    return response
