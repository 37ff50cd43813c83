"""The database: one session per request, one transaction per request, job or command.

Actions never commit: `transact` does. Nothing else locks but `lock`. `call` is for SQL functions that are a whole
transaction in one round trip.
"""

import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar
from uuid import UUID

import psycopg
import sqlalchemy as sa
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from psycopg.rows import namedtuple_row
from sqlalchemy.engine import Engine, Row
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry

from foundation import errors
from foundation.config import Settings, settings

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
RETRIED_STATES = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock not available
MAX_TRIES = 4
LOCK_NAME = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can name them too."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMES),
        type_annotation_map={datetime: sa.DateTime(timezone=True), UUID: sa.Uuid(), str: sa.Text()},
    )
    metadata = registry.metadata


def uuid7() -> UUID:
    """Make an id that sorts by time, to a quarter of a microsecond (RFC 9562, 6.2, method 3), with 62 random bits.

    PostgreSQL makes them the same way, but only from version 18 on.
    """
    milliseconds, rest_ns = divmod(time.time_ns(), 1_000_000)
    value = milliseconds << 80 | 0x7 << 76 | (rest_ns * 4096 // 1_000_000) << 64
    return UUID(int=value | 0b10 << 62 | secrets.randbits(62))


Time = sa.DateTime(timezone=True)
Id = Annotated[UUID, mapped_column(sa.Uuid(), primary_key=True, default=uuid7)]
Cents = Annotated[int, mapped_column(sa.BigInteger())]

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
session = db.session

if TYPE_CHECKING:  # Flask-SQLAlchemy makes the class while it runs; the checker sees the same columns here

    class Model(Base):
        """A table of ours."""

        __abstract__ = True

else:
    Model = db.Model

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M")


def driver_url(url: str) -> str:
    """Give the database's address with the driver that we use."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def engine_options(settings: Settings) -> dict[str, Any]:
    """Say how connections are made: the limited role, business time zone, and a bound on every wait for a lock."""
    options = f"-c role={settings.database_role} -c TimeZone=Europe/Berlin -c lock_timeout=5000"
    return {
        "pool_size": settings.database_pool,
        "max_overflow": settings.database_pool,
        "pool_pre_ping": False,
        "connect_args": {"options": options, "prepare_threshold": 3},
    }


def plug(app: Flask) -> None:
    """Give the application its session and the engine for one-call transactions."""
    chosen = settings()
    app.config["SQLALCHEMY_DATABASE_URI"] = driver_url(chosen.database_url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(chosen)
    db.init_app(app)
    app.extensions["autocommit_engine"] = sa.create_engine(
        driver_url(chosen.database_url),
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        **engine_options(chosen),
    )


def autocommit_engine() -> Engine:
    """The engine whose every statement is a transaction of its own."""
    engine: Engine = current_app.extensions["autocommit_engine"]
    return engine


def transact(action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `action`, commit, give back what it returned. A deadlock or a long wait for a lock runs it again.

    Give it ids, not loaded rows: what was loaded before the call is stale in the second try. `Busy` after four tries.
    """
    for attempt in range(MAX_TRIES):
        try:
            result = action(*args, **kwargs)
            session.commit()
            return result
        except OperationalError as error:
            session.rollback()
            if getattr(error.orig, "sqlstate", None) not in RETRIED_STATES:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 spreads the contenders, guards nothing
        except BaseException:
            session.rollback()
            raise
    raise errors.contended()


def lock(model: type[M], ids: Iterable[UUID]) -> list[M]:
    """Lock the rows of `ids` in the order of their ids, and read them as they are now, not as loaded earlier."""
    key = model.id  # type: ignore[attr-defined]
    query = (
        sa.select(model)
        .where(key.in_(sorted(set(ids))))
        .order_by(key)
        .with_for_update(key_share=True, of=model)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def lock_name(name: str) -> None:
    """Wait until nobody else holds this name, and hold it until the transaction ends: for what has no row to lock."""
    session.execute(LOCK_NAME, {"name": name})


def lock_one(model: type[M], id: UUID) -> M:
    """Lock one row and read it as it is now. Refuses with `NotFound`."""
    rows = lock(model, [id])
    if not rows:
        raise errors.gone()
    return rows[0]


def expire(model: type[M], *keys: object) -> None:
    """Forget what the session knows of rows that a function of the database wrote behind its back.

    `keys`: the first parts of their primary keys, such as the voucher's id for all of its lots.
    """
    for row in list(session.identity_map.values()):
        if isinstance(row, model) and sa.inspect(row).identity[: len(keys)] == keys:
            session.expire(row)


def call(statement: sa.TextClause | sa.Executable, **params: object) -> Sequence[Row[Any]]:
    """Run one statement as a transaction of its own, in one round trip: for SQL functions that decide and write."""
    with autocommit_engine().connect() as connection:
        return connection.execute(statement, params).all()


def call_directly(statement: str, values: dict[str, object]) -> Any:
    """Run one statement likewise, in the driver's own notation and past SQLAlchemy; gives its row by names.

    For what every redemption pays: half the processor time of `call`. Raises the driver's own errors.
    """
    engine = autocommit_engine()
    with closing(engine.raw_connection()) as borrowed:
        link: Any = borrowed.driver_connection
        try:
            with link.cursor(row_factory=namedtuple_row) as cursor:
                return cursor.execute(statement, values).fetchone()
        except psycopg.OperationalError:
            if link.broken:  # the others in the pool broke with it
                borrowed.invalidate()
                engine.dispose()
            raise


def current_migration() -> str | None:
    """Give the number of the migration that the database carries (Alembic)."""
    found: str | None = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


@contextmanager
def owner_connection() -> Iterator[psycopg.Connection]:
    """A connection of the login that owns the tables, as one transaction: for moving an issuer, never for requests."""
    chosen = settings()
    with psycopg.connect(chosen.migration_database_url or chosen.database_url) as connection:
        yield connection
