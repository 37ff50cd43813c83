"""The front door: assembles the packages and is imported by none of them. `gunicorn wsgi:app`."""

from pathlib import Path

from flask import Flask

import foundation.wiring
import marketplace.wiring
import money.wiring
import people.wiring
import vouchers.wiring
from foundation.machines import House

PACKAGES = (foundation, people, money, vouchers, marketplace)


def create_app() -> Flask:
    """The application with all packages plugged in, the lowest first."""
    here = Path(__file__).resolve().parent
    made = House(
        "marktplatz",
        root_path=str(here),
        static_folder=str(here / "static"),
        template_folder=str(here / "templates"),
    )
    for package in PACKAGES:
        package.wiring.plug(made)
    return made


app = create_app()
