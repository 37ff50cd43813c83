"""`/api/v1` for tills: what belongs into the Z report of a day, and redemptions in the words of the DSFinV-K."""

from typing import Any

from flask import Response, g, jsonify, request

from vouchers.api import schemas
from vouchers.api.blueprint import tills, with_practice_mark
from vouchers.api.describing import ASKED, day_parameter, describe_answer, describe_call, query_parameter
from vouchers.api.reading import parse_day, read_choice
from vouchers.partners import dsfinvk, movements
from vouchers.tills.redemption_log import DayTotal

FORMATS = ("json", "csv")
REPORTED = ASKED | {
    "422": describe_answer(
        "No day (day_not_valid), no such period (period_not_valid, period_too_long), unknown word (invalid)"
    )
}


@tills.route("/reports/<date>")
@describe_call(
    summary="Sums of a business day by till, for the Z report",
    description="Days are business days in Berlin. `net_cents` = redemptions + captures - voids - refunds. What the "
    "marketplace took for this shop stands apart in `without_till`. Scope: report.",
    parameters=[
        {
            "in": "path",
            "name": "date",
            "required": True,
            "schema": {"type": "string", "format": "date", "example": "2026-11-23"},
        },
    ],
    responses=REPORTED | {"200": describe_answer("The day as it stands", schemas.DayReport)},
)
def report(date: str) -> Response:
    """What each till of the shop took and gave back."""
    place, on = movements.identify_caller(g.bearer, "report"), parse_day(date, "date")
    sums = movements.list_day_totals(place, on)
    tills_of_shop = [_respond(found) for found in sums if found.till_id]
    answer = {
        "date": on.isoformat(),
        "shop": movements.load_shop(place).name,
        "outlet_id": str(place.outlet_id),
        "currency": "EUR",
        "tills": tills_of_shop,
        "total_cents": sum(found.net for found in sums if found.till_id),
        "without_till": next((_respond(found) for found in sums if not found.till_id), None),
    }
    return jsonify(with_practice_mark(answer))


@tills.route("/exports/dsfinvk")
@describe_call(
    summary="Each redemption in the fields of the DSFinV-K",
    description="`business_case`: GV_TYP MehrzweckgutscheinEinloesung, taken is minus. `payment`: ZAHLART_TYP Unbar, "
    "taken is plus. Choose the one that your register books. At most a year. Scope: report.",
    parameters=[
        day_parameter("from", "First business day", required=True),
        day_parameter("until", "Last business day; the first one when missing"),
        query_parameter("mapping", "How the register books vouchers", enum=list(dsfinvk.MAPPINGS)),
        query_parameter("format", "csv: semicolons, decimal comma, UTF-8", enum=list(FORMATS)),
    ],
    responses=REPORTED
    | {
        "200": {
            "description": "One row a movement at a till",
            "content": {
                "application/json": {"schema": schemas.Export},
                "text/csv": {"schema": {"type": "string"}},
            },
        }
    },
)
def export() -> Response:
    """Give a day's operations for the export of a cash register."""
    place = movements.identify_caller(g.bearer, "report")
    first = parse_day(request.args.get("from", ""), "from")
    last = parse_day(request.args["until"], "until") if "until" in request.args else first
    dsfinvk.require_period(first, last)
    mapping, kind = read_choice("mapping", dsfinvk.MAPPINGS), read_choice("format", FORMATS)
    found = movements.list_movements(place, first, last)
    if kind == "csv":
        return Response(dsfinvk.write_csv(found, mapping), content_type="text/csv; charset=utf-8")
    answer = {"from": first.isoformat(), "until": last.isoformat(), "mapping": mapping}
    return jsonify(with_practice_mark(answer | {"rows": dsfinvk.make_rows(found, mapping)}))


def _respond(found: DayTotal) -> dict[str, Any]:
    names = {"redeem": "redemptions", "capture": "captures", "void": "voids", "refund": "refunds"}
    counts = {names[kind]: {"count": count, "cents": cents} for kind, (count, cents) in found.counts.items()}
    till_id = str(found.till_id) if found.till_id else None
    return {"till_id": till_id, "till": found.till, **counts, "net_cents": found.net}
