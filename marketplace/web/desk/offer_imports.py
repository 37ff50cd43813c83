"""A shop's own product list: choose a file, see what it would do, apply it. Decision 0404."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from foundation.database import transact
from foundation.errors import Invalid, Refused, file_missing
from foundation.languages import _
from foundation.security import limit
from marketplace.catalogue.categories import list_shelf_options
from marketplace.catalogue.importing import applying
from marketplace.catalogue.importing.reading import MAX_FILE_BYTES
from marketplace.catalogue.states import ImportAction
from marketplace.web.desk.blueprint import pages
from marketplace.web.desk.chosen_shop import CHANGE, choose_shop
from marketplace.web.desk.forms import ImportForm
from people.models import Outlet

MAX_LINES_SHOWN = 500
SHOWN_FIRST = {
    ImportAction.WRONG: 0,
    ImportAction.ADD: 1,
    ImportAction.CHANGE: 1,
    ImportAction.SKIP: 2,
    ImportAction.SAME: 3,
}


@pages.get("/angebote/import", endpoint="import_start")
def start_import() -> str:
    """Show the form for a list of offers."""
    outlet, mine = choose_shop(CHANGE)
    return _import_form(outlet, mine, {}, {})


def _import_form(outlet: Outlet, mine: list[Outlet], values: dict[str, str], errors: dict[str, Any]) -> str:
    return render_template(
        "marketplace/desk/offer_imports/start_import.html",
        outlet=outlet,
        outlets=mine,
        shop_options=[(o.slug, o.name) for o in mine],
        values=values,
        errors=errors,
        shelves=list_shelf_options(),
    )


@pages.post("/angebote/import", endpoint="import_upload")
@limit("20 per minute")
def upload() -> ResponseReturnValue:
    """Keep the file and show what it would do."""
    outlet, mine = choose_shop(CHANGE)
    file, typed = request.files.get("file"), request.form.to_dict()
    try:
        if file is None or not file.filename:
            raise file_missing()
        content = file.read(MAX_FILE_BYTES + 1)
        kept_upload, _plan = transact(
            applying.keep_upload,
            outlet.id,
            filename=file.filename,
            content=content,
            defaults=ImportForm().load_defaults(typed),
        )
    except ValidationError as error:
        return _import_form(outlet, mine, typed, error.normalized_messages()), 422
    except Invalid as error:
        return _import_form(outlet, mine, typed, {"file": str(error.sentence)}), 422
    return redirect(url_for("desk.import_preview", upload_id=kept_upload.id, laden=outlet.slug), 303)


@pages.get("/angebote/import/<uuid:upload_id>", endpoint="import_preview")
def show_preview(upload_id: UUID) -> str:
    """Show what the file would do, line by line, before anything is done; afterwards what was done."""
    outlet, _mine = choose_shop(CHANGE)
    kept_upload = applying.load_upload(outlet.id, upload_id)
    plan = None if kept_upload.result is not None else applying.preview_upload(kept_upload)
    entries = sorted(plan.entries, key=lambda e: (SHOWN_FIRST[e.action], e.line)) if plan else []
    return render_template(
        "marketplace/desk/offer_imports/preview.html",
        outlet=outlet,
        upload=kept_upload,
        plan=plan,
        entries=entries[:MAX_LINES_SHOWN],
        hidden_lines=max(0, len(entries) - MAX_LINES_SHOWN),
        result=kept_upload.result,
    )


@pages.post("/angebote/import/<uuid:upload_id>", endpoint="import_apply")
@limit("20 per minute")
def apply(upload_id: UUID) -> ResponseReturnValue:
    """Take the list over, all of it or its good lines."""
    outlet, _mine = choose_shop(CHANGE)
    only_good = request.form.get("only_good") == "1"
    try:
        transact(applying.apply_upload, outlet.id, upload_id, only_good=only_good)
        flash(_("Die Liste ist übernommen."), "ok")
    except (Invalid, Refused) as error:
        flash(str(error.sentence), "bad")
    return redirect(url_for("desk.import_preview", upload_id=upload_id, laden=outlet.slug), 303)
