"""The holder's page: what is left, what was taken, the code to show, the sheet to print.

The token comes by POST only: the browser never sends what stands behind `#`, and a small script puts it into the form.
"""

from flask import Response, render_template, request

from foundation import qr
from foundation.errors import NotFound
from foundation.languages import _
from foundation.security import limit, scanning_page
from foundation.wiring import audience
from people.web.guards import anyone
from vouchers import holding
from vouchers.sales import addresses, documents, queries

pages = audience("wallet", __name__, guard=anyone)


@pages.get("/g")
def find() -> str:
    """The form into which the code goes, by script from the address or by hand."""
    scanning_page()
    return render_template("vouchers/wallet/find.html", error=None)


@pages.post("/g")
@limit("30 per minute")
def show() -> str | tuple[str, int]:
    """The voucher of a token, or of a typed code with its PIN. One sentence for everything that leads to none."""
    given, pin = request.form.get("token", "")[:400], request.form.get("pin", "")[:20]
    try:
        held = holding.held_by(given, pin)
    except NotFound as error:
        scanning_page()
        return render_template("vouchers/wallet/find.html", error=str(error.sentence)), 404
    address = addresses.voucher_page(held.token) if held.token else None
    design = queries.design_of(held.voucher_id) or held.programme.design
    code = qr.svg(address) if address else None
    return render_template("vouchers/wallet/show.html", held=held, code=code, design=design)


@pages.post("/g/blatt")
@limit("20 per minute")
def sheet() -> Response:
    """The sheet to print, for who holds the token."""
    held = holding.held_by(request.form.get("token", "")[:400], "")
    if held.token is None:
        raise NotFound(_("Dieses Blatt gibt es nur mit dem Link aus Ihrer E-Mail."))
    paper = documents.holder_paper(held)
    return Response(
        paper, mimetype="application/pdf", headers={"Content-Disposition": 'attachment; filename="Gutschein.pdf"'}
    )
