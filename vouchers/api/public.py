"""What every developer may read: the description of the interface, and a constant answer to measure against."""

from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, render_template

from foundation.languages import lazy
from vouchers.api import errors
from vouchers.api.blueprint import public
from vouchers.api.describing import describe_answer

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "api"
GUIDES = {
    "README.md": lazy("So fangen Sie an: Schlüssel, Wiederholungen, Ablehnungen, Versionen"),
    "webhooks.md": lazy("Meldungen an Ihren Server"),
    "dsfinvk.md": lazy("Felder für die DSFinV-K"),
    "changelog.md": lazy("Was sich geändert hat"),
    "client.py": lazy("Beispiel in Python, ohne fremde Bibliotheken"),
    "redeem.sh": lazy("Beispiel mit curl"),
}
EXAMPLES = ("client.py", "redeem.sh")


def load_specification() -> dict[str, Any]:
    """Load the OpenAPI document as it stands."""
    found: dict[str, Any] = current_app.extensions["voucher_api"].spec.to_dict()
    return found


def _content(text: str, kind: str) -> dict[str, Any]:
    return {"description": text, "content": {kind: {}}}


@public.route("/v1/ping")
@public.doc(summary="A constant answer", responses={"200": _content("The server answers", "application/json")})
def ping() -> Response:
    """Costs what every answer costs and nothing more: the measure of the others."""
    return jsonify(status="ok")


@public.route("/openapi.json")
@public.doc(summary="This document", responses={"200": _content("OpenAPI 3", "application/json")})
def openapi() -> Response:
    """Give the OpenAPI document of this interface as JSON."""
    return jsonify(load_specification())


@public.route("/docs")
@public.doc(summary="This document to read", responses={"200": _content("A page", "text/html")})
def docs() -> str:
    """For people; drawn here, without anybody else's script."""
    document = load_specification()
    schemas = document.get("components", {}).get("schemas", {})
    examples = [(name, GUIDES[name], _text(name)) for name in EXAMPLES]
    return render_template(
        "vouchers/api/public/docs.html", document=document, schemas=schemas, guides=GUIDES, examples=examples
    )


@public.route("/docs/<name>")
@public.doc(
    summary="A guide or an example, as text",
    parameters=[{"in": "path", "name": "name", "required": True, "schema": {"type": "string", "enum": [*GUIDES]}}],
    responses={
        "200": {"description": "The text", "content": {"text/plain": {"schema": {"type": "string"}}}},
        "404": describe_answer("There is no such guide"),
    },
)
def guide(name: str) -> Response:
    """One of the texts for developers."""
    if name not in GUIDES:
        raise errors.guide_unknown()
    return Response(_text(name), content_type="text/plain; charset=utf-8")


def _text(name: str) -> str:
    place = FOLDER / "examples" if name in EXAMPLES else FOLDER
    return (place / name).read_text(encoding="utf-8")
