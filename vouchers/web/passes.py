"""Passes for the wallets of Apple and Google, for who shows the voucher's token by POST."""

from flask import Response, render_template, request

from foundation.languages import _
from foundation.security import limit
from foundation.wiring import audience
from people.web.guards import allow_anyone
from vouchers.passes import apple, contents, google

pages = audience("passes", __name__, guard=allow_anyone, url_prefix="/g/karte")


@pages.post("/apple")
@limit("20 per minute")
def to_apple() -> Response:
    """Give the file that an iPhone takes into its wallet."""
    made = apple.build_pass(contents.load_contents(request.form.get("token", "")[:400]))
    headers = {
        "Content-Disposition": f'attachment; filename="{_("Gutschein")}.pkpass"',
        "Cache-Control": "no-store",
    }
    return Response(made, mimetype=apple.MIME, headers=headers)


@pages.post("/google")
@limit("20 per minute")
def to_google() -> Response:
    """Show a page with the link that saves the pass: a form may not lead to another site, a link may."""
    wanted = contents.load_contents(request.form.get("token", "")[:400])
    page = render_template("vouchers/passes/to_google.html", link=google.build_link(wanted), programme=wanted.programme)
    return Response(page, headers={"Cache-Control": "no-store"})
