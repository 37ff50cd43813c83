"""Open books, for everybody: the cover of every issuer, the roots of days, and how to check both without us."""

from pathlib import Path

from flask import Blueprint, Response, render_template

from foundation.config import settings
from foundation.links import absolute_url
from foundation.security import limit
from foundation.wiring import audience
from money.roots import public_cover, queries
from people.web.guards import allow_anyone

pages: Blueprint = audience("books", __name__, guard=allow_anyone, url_prefix="/buecher")

VERIFIER = Path(__file__).resolve().parents[2] / "scripts" / "verify_books.py"
SHOWN_DAYS = 14


@pages.get("")
@limit("60 per minute")
def overview() -> str:
    """Show what every issuer has and owes, and the newest roots."""
    return render_template(
        "money/roots/overview.html",
        covers=public_cover.list_public_covers(),
        roots=queries.list_roots(SHOWN_DAYS),
    )


@pages.get("/siegel.txt")
@limit("60 per minute")
def lines() -> Response:
    """Give all roots as lines: day, root of the seals, root of the balances."""
    text = "".join(f"{root}\n" for root in queries.list_roots())
    return Response(text, mimetype="text/plain")


@pages.get("/siegel.atom")
@limit("60 per minute")
def feed() -> Response:
    """Give the newest roots as a feed (Atom, RFC 4287), so that whoever subscribes keeps them."""
    roots = queries.list_roots(queries.PAGE_DAYS)
    text = render_template(
        "money/roots/feed.xml",
        roots=roots,
        home=absolute_url("books.overview"),
        own=absolute_url("books.feed"),
        region=settings().region_name,
    )
    return Response(text, mimetype="application/atom+xml")


@pages.get("/verify_books.py")
@limit("60 per minute")
def verifier() -> Response:
    """Give the program that checks exports and receipts without us."""
    headers = {"Content-Disposition": "attachment; filename=verify_books.py"}
    return Response(VERIFIER.read_text(encoding="utf-8"), mimetype="text/x-python", headers=headers)
