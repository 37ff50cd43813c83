"""The command line of the foundation: `flask jobs work`, `flask db …`."""

import click
from flask import Flask
from flask.cli import AppGroup
from flask_migrate import Migrate

from foundation import jobs
from foundation.database import db

jobs_group = AppGroup("jobs", help="Jobs in the queue.")


@jobs_group.command("work")
@click.option("--concurrency", default=2, show_default=True, help="Jobs at a time.")
@click.option("--once", is_flag=True, help="Stop when no job is due.")
def work(concurrency: int, once: bool) -> None:
    """Run the jobs of the queue until stopped, or with --once until none is due."""
    jobs.work(concurrency=concurrency, wait=not once)


def plug(app: Flask) -> None:
    """Add the commands of the foundation and those of Alembic."""
    app.cli.add_command(jobs_group)
    Migrate(app, db, directory=app.root_path + "/migrations", compare_type=True)
    jobs.plug(app)
