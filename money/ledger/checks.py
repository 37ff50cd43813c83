"""Proof, chain and cover, run and remembered: when they were last checked, up to which seal, and with what result."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from foundation.clock import now
from foundation.database import session, transact
from foundation.jobs import job
from money.ledger import chain, cover, marks, proof
from money.ledger.models import CheckRun
from money.ledger.published import PublishedRoot

MAX_RUNS_READ = 50

Mark = TypeVar("Mark", marks.Mark, marks.Position)
log = structlog.get_logger("books")


def check_proof(whole: bool = True) -> proof.Examination:
    """Run every query of the proof, remember the result, give it back. Commits.

    Not `whole`: the large tables from the last proof on that found nothing; whole where there is none.
    """
    started = now()
    done = proof.examine(None if whole else find_position())
    found = {r.code: {"sentence": r.sentence, "rows": [_plain(row) for row in r.rows]} for r in done.findings}
    detail: dict[str, Any] = {"queries": len(done.results), "findings": found, "changed": done.changed}
    if not found:
        detail["mark"] = marks.write_position(done.position)
    transact(_remember, CheckRun(check="proof", started_at=started, ok=not found, seals=done.seals, detail=detail))
    return done


def check_cover() -> list[cover.Cover]:
    """Compare pool and debts of every issuer, remember the result, give it back. Commits."""
    started = now()
    with proof.open_snapshot() as connection:
        sealed_count = int(connection.scalar(proof.COUNT_SEALED) or 0)
        found = cover.compute_all_covers(connection)
    names = ("pool_cents", "stated_pool_cents", "owed_cents")
    detail = {str(c.ledger_id): {name: getattr(c, name) for name in names} for c in found}
    ok = all(c.ok for c in found)
    transact(_remember, CheckRun(check="cover", started_at=started, ok=ok, seals=sealed_count, detail=detail))
    return found


def check_chain(whole: bool = True, held: Iterable[PublishedRoot] = ()) -> chain.ChainReport:
    """Recompute every seal and all that is sealed, remember the result, give it back. Commits.

    Not `whole`: only what was sealed after the last check that found everything right; whole where there is none.
    `held`: roots that were published, as somebody kept them.
    """
    started = now()
    since = None if whole else find_mark()
    verdict = chain.verify(since, held)
    detail: dict[str, Any] = {"days": verdict.days, "rows": verdict.rows, "broken": [str(b) for b in verdict.broken]}
    detail["changed"] = verdict.seals + verdict.rows if since else None
    if verdict.mark:
        detail["mark"] = marks.write_mark(verdict.mark)
    run = CheckRun(check="chain", started_at=started, ok=verdict.ok, seals=verdict.height, detail=detail)
    transact(_remember, run)
    return verdict


def find_mark() -> marks.Mark | None:
    """Find up to where the chain was last found right; nothing after a finding, so that it is not forgotten."""
    return _find_marked("chain", marks.read_mark)


def find_position() -> marks.Position | None:
    """Find where the last proof ended that found nothing; nothing after a finding, so that it is not forgotten."""
    return _find_marked("proof", marks.read_position)


def _find_marked(check: str, read: Callable[[dict[str, Any]], Mark | None]) -> Mark | None:
    """Read the newest mark, unless a run after it found something. A run that somebody else wrote says nothing good."""
    newest = (
        sa.select(CheckRun.ok, CheckRun.detail).where(CheckRun.check == check).order_by(CheckRun.finished_at.desc())
    )
    for ok, detail in session.execute(newest.limit(MAX_RUNS_READ)):
        mark = read(detail["mark"]) if ok and "mark" in detail else None
        if mark or not ok:
            return mark
    return None


def find_latest(check: str, *, whole: bool = False) -> CheckRun | None:
    """Find the last run of `proof`, `chain` or `cover`, or the last `whole` one; None when there is none."""
    query = sa.select(CheckRun).where(CheckRun.check == check).order_by(CheckRun.finished_at.desc()).limit(1)
    if whole:
        query = query.where(CheckRun.detail["changed"].as_string().is_(None))
    return session.scalar(query)


@job("money.prove", every="*/10 * * * *", transaction=False)
def prove_regularly() -> None:
    """Prove what was written since the last time, and check the cover; what is wrong goes to the log as an error."""
    _tell_proof(check_proof(whole=False))
    for found in check_cover():
        if not found.ok:
            log.error("cover_missing", ledger=str(found.ledger_id), cents=found.free_cents)


@job("money.prove_whole", every="7 1 * * *", transaction=False)
def prove_nightly() -> None:
    """Prove everything; what is wrong goes to the log as an error, for people to look at now."""
    _tell_proof(check_proof())


@job("money.chain", every="*/5 * * * *", transaction=False)
def recompute_regularly() -> None:
    """Recompute what was sealed since the last time; what is broken goes to the log as an error."""
    _tell(check_chain(whole=False))


@job("money.chain_whole", every="37 1 * * *", transaction=False)
def recompute_nightly() -> None:
    """Recompute everything; what is broken goes to the log as an error."""
    _tell(check_chain())


def _tell_proof(done: proof.Examination) -> None:
    for result in done.findings:
        log.error("books_not_proven", code=result.code, rows=len(result.rows))


def _tell(verdict: chain.ChainReport) -> None:
    for broken in verdict.broken:
        log.error("chain_broken", what=str(broken))


def _remember(run: CheckRun) -> None:
    run.finished_at = now()
    session.add(run)


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, int | str | None) else str(value) for name, value in row.items()}
