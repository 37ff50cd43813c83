"""The command line of the foundation: `flask doctor`, `flask jobs work`, `flask db …`."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from flask_migrate import Migrate

from foundation import doctor, jobs
from foundation.database import db

jobs_group = AppGroup("jobs", help="Jobs in the queue.")


@jobs_group.command("work")
@click.option("--concurrency", default=2, show_default=True, help="Jobs at a time.")
@click.option("--once", is_flag=True, help="Stop when no job is due.")
def work(concurrency: int, once: bool) -> None:
    """Run the jobs of the queue until stopped, or with --once until none is due."""
    jobs.work(concurrency=concurrency, wait=not once)


@click.command("doctor")
@with_appcontext
def examine() -> None:
    """Say whether the database is sound: migrations, functions, rights, and the login of this process."""
    faults = doctor.examine()
    for fault in faults:
        click.echo(f"BEFUND {fault}")
    click.echo("Die Datenbank ist gesund." if not faults else f"Die Datenbank ist nicht gesund: {len(faults)} Befunde.")
    sys.exit(1 if faults else 0)


def plug(app: Flask) -> None:
    """Add the commands of the foundation and those of Alembic."""
    app.cli.add_command(examine)
    app.cli.add_command(jobs_group)
    Migrate(app, db, directory=app.root_path + "/migrations", compare_type=True)
    jobs.plug(app)
