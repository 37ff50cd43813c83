"""How passes plug into the application."""

from flask import Flask

from vouchers.passes import apple, google
from vouchers.web import passes


def offered() -> list[str]:
    """The wallets for which a pass can be made here: `apple`, `google`, both or none."""
    return [name for name, signer in (("apple", apple.signer), ("google", google.signer)) if signer()]


def plug(app: Flask) -> None:
    """Register the pages, and what templates ask."""
    app.register_blueprint(passes.pages)
    app.jinja_env.globals["passes_offered"] = offered
