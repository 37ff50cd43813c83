"""The telephone: the worker that keeps the empty page for times without a network, and what the device is given."""

import hashlib
from pathlib import Path

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_login import user_logged_out

from foundation.database import transact
from foundation.languages import LANGUAGES, current_language
from foundation.security import limit
from foundation.wiring import audience
from people.web.guards import allow_anyone
from vouchers.wallet import device
from vouchers.web.wallet import blueprint

pages = audience("wallet_device", __name__, guard=allow_anyone, url_prefix="/geldboerse")
WORKER_PARTS = ("worker.js", "offline.js", "store.js", "code.js", "drawing.js", "wallet.css")


@pages.get("/ohne-netz")
def offline() -> str:
    """Show the page without anybody's data. The telephone fills it with what it keeps."""
    _choose_language()
    return render_template("vouchers/wallet/devices/offline.html")


@pages.get("/sw.js")
def worker() -> Response:
    """Answer the service worker. It changes when its parts do, so that telephones renew what they keep."""
    _choose_language()
    folder = Path(current_app.static_folder or "static") / "vouchers" / "wallet"
    total = hashlib.sha256(b"".join((folder / name).read_bytes() for name in WORKER_PARTS))
    total.update(b"".join(p.read_bytes() for p in sorted((folder.parent.parent / "base").glob("*.css"))))
    head = f'const VERSION = "{total.hexdigest()[:12]}";\nconst LANGUAGE = "{current_language()}";\n'
    text = head + (folder / "worker.js").read_text("utf-8")
    answer = Response(text, mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/geldboerse"
    return answer


def _choose_language() -> None:
    """Choose the language that the address carries: workers ask without cookies."""
    chosen = request.args.get("sprache", "")
    if chosen in LANGUAGES:
        g.language = chosen


@blueprint.pages.get("/stand.json")
@limit("60 per minute")
def state() -> Response:
    """Balances and shops as they are now, without secrets."""
    return jsonify(device.build_snapshot(blueprint.require_holder().id))


@blueprint.pages.post("/geraet")
@limit("20 per hour")
def give() -> Response:
    """Give the secrets of the rotating codes to this device of the holder's own."""
    return jsonify(transact(device.export_secrets, blueprint.require_holder().id))


def plug(app: Flask) -> None:
    """Leave nothing on the device of who signs out: no balances, no secrets, no worker."""

    def note(sender: object, **_more: object) -> None:
        g.forget_device = True

    user_logged_out.connect(note, app, weak=False)

    @app.after_request
    def forget(response: Response) -> Response:
        if g.get("forget_device"):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
