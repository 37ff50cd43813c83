"""What a counter sold, paid over and still owes, from day to day; also as a file."""

from flask import Response, render_template, request

from foundation.wiring import audience
from people.web.guards import requires
from vouchers.cards import account_csv, statements
from vouchers.web.counter import place

pages = audience("counter_account", __name__, guard=requires(place.PERMISSION), url_prefix="/schalter/abrechnung")


@pages.get("")
def account() -> str:
    """Show the counter's account for some days."""
    counter = place.find_counter()
    since, until = account_csv.read_period(request.args.get("von", ""), request.args.get("bis", ""))
    return render_template(
        "vouchers/counter/account/account.html",
        counter=counter,
        statement=statements.build_statement(counter.id, since, until),
        address=place.find_link_values(counter),
    )


@pages.get("/liste.csv")
def sheet() -> Response:
    """Answer the account as a file (CSV)."""
    counter = place.find_counter()
    since, until = account_csv.read_period(request.args.get("von", ""), request.args.get("bis", ""))
    text = account_csv.write_account(counter, statements.build_statement(counter.id, since, until))
    name = f'attachment; filename="{account_csv.build_filename(counter, since, until)}"'
    return Response(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
