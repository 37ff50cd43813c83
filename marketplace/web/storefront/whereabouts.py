"""Where the reader said to be: asked for in the search, remembered in a cookie of ours, never guessed."""

from flask import Response, request

from marketplace.shops.places import LONGEST, Place, find
from marketplace.web.asking import clean

COOKIE = "place"
YEAR = 365 * 86400


def asked_place() -> tuple[str, Place | None]:
    """What was typed as place (or remembered), and the point it stands for."""
    typed = request.args.get("ort")
    text = clean(typed if typed is not None else request.cookies.get(COOKIE, ""), LONGEST)
    return text, find(text) if text else None


def remember(response: Response, place: Place | None) -> Response:
    """Keep a place that was typed and found, or forget it when the field was emptied."""
    if "ort" in request.args:
        if place:
            response.set_cookie(COOKIE, place.text, max_age=YEAR, samesite="Lax", httponly=True)
        elif not request.args["ort"].strip() and COOKIE in request.cookies:
            response.delete_cookie(COOKIE)
    return response
