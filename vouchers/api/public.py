"""What every developer may read: the description of the interface, and a constant answer to measure against."""

from typing import Any

from flask import Response, current_app, jsonify, render_template

from vouchers.api.blueprint import public


def specification() -> dict[str, Any]:
    """The OpenAPI document as it stands."""
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
    """For machines."""
    return jsonify(specification())


@public.route("/docs")
@public.doc(summary="This document to read", responses={"200": _content("A page", "text/html")})
def docs() -> str:
    """For people; drawn here, without anybody else's script."""
    document = specification()
    schemas = document.get("components", {}).get("schemas", {})
    return render_template("vouchers/api/public/docs.html", document=document, schemas=schemas)
