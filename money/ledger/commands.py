"""The command line of the books: `flask money seal`, `prove`, `chain`. Decisions 0103 and 0104."""

import json
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import click
import structlog
from sqlalchemy.exc import OperationalError

from money.ledger import checks, sealing
from money.ledger.published import read_roots

IDLE_SECONDS = 0.5
DAY_SECONDS = 60

log = structlog.get_logger("sealer")


@click.command("seal")
@click.option("--once", is_flag=True, help="Stop when nothing waits.")
@click.option(
    "--limit", default=sealing.MAX_BATCH_DOCUMENTS, show_default=True, help="Documents of a stream at a time."
)
def seal(once: bool, limit: int) -> None:
    """Seal documents until stopped. Any number of sealers may run."""
    if once:
        click.echo(f"{sealing.seal_all()} besiegelt, {sealing.close_days()} Tage abgeschlossen")
        return
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    _seal_until(stop, limit)


def _seal_until(stop: threading.Event, limit: int) -> None:
    closed = 0.0
    while not stop.is_set():
        try:
            sealed = sealing.seal_once(limit)
            rows = sealing.seal_rows_once()
            for tell in sealing.after_seal if sealed else ():
                tell()
            if time.monotonic() - closed > DAY_SECONDS:
                closed = time.monotonic()
                sealing.close_days()
        except OperationalError as error:  # the database is away or busy: what was not committed still waits
            log.warning("sealer_waits", reason=type(error.orig).__name__)
            sealed = rows = 0
            stop.wait(2)
        if not sealed and not rows:
            stop.wait(IDLE_SECONDS)


@click.command("prove")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--fresh", is_flag=True, help="Only what was written since the last proof.")
def prove(as_json: bool, fresh: bool) -> None:
    """Run every query of the proof. Ends with 1 and the offending rows when one finds something."""
    done = checks.check_proof(whole=not fresh)
    checks.check_cover()
    results, findings = done.results, done.findings
    if as_json:
        listed = [asdict(result) | {"ok": result.ok} for result in results]
        click.echo(json.dumps({"ok": not findings, "queries": listed}, default=str, ensure_ascii=False, indent=2))
    else:
        for result in results:
            click.echo(f"{'ok     ' if result.ok else 'BEFUND '} {result.code}  {result.sentence}")
            for row in result.rows:
                click.echo("          " + ", ".join(f"{name}={value}" for name, value in row.items()))
        extent = "ganz" if done.changed is None else f"an {done.changed} geänderten Dingen"
        click.echo(f"{len(results)} Aussagen {extent} geprüft, {len(findings)} mit Befund.")
    sys.exit(1 if findings else 0)


@click.command("chain")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--fresh", is_flag=True, help="Only what was sealed since the last check.")
@click.option("--roots", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Roots that you kept.")
def chain(as_json: bool, fresh: bool, roots: Path | None) -> None:
    """Recompute every seal, all that is sealed, and every day's root. Ends with 1 and names all that is broken."""
    held = read_roots(roots.read_text(encoding="utf-8", errors="replace")) if roots else []
    verdict = checks.check_chain(whole=not fresh, held=held)
    if as_json:
        click.echo(json.dumps(asdict(verdict) | {"ok": verdict.ok}, default=str, ensure_ascii=False, indent=2))
    else:
        for broken in verdict.broken:
            click.echo(f"GEBROCHEN  {broken}")
        counted = f"{verdict.seals} Belege, {verdict.rows} Zeilen und {verdict.days} Tage"
        click.echo(f"{counted} nachgerechnet, {len(verdict.broken)} Befunde.")
    sys.exit(0 if verdict.ok else 1)


COMMANDS = (seal, prove, chain)
