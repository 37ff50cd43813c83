"""`make bench SIZE=1000000`: does a redemption care how many vouchers there are, and of how many lots they consist?

Two databases of one PostgreSQL, one with 10,000 vouchers and one with SIZE, filled by COPY: each voucher was issued and
redeemed once, every twentieth has five lots. Then the redemption's function is called by 8 connections, in turns. At
last the large one is sealed, proven and its chain recomputed, whole: seconds of processor time for a million entries.
"""

import argparse
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import psycopg

from foundation.postgres import Server
from foundation.security import keyed_hash
from tests.load import site
from tests.load.redeem import REDEEM

ROOT = Path(__file__).resolve().parents[2]
SMALL, CONNECTIONS, ROUNDS = 10_000, 8, 7
FIVE_EVERY, FIRST, TAKEN = 20, 100_00, 1_00
ROLE = "-c role=marktplatz_app -c TimeZone=Europe/Berlin"
COLUMNS = {
    "voucher": "id, programme_id, ledger_id, token_hash, code_hash, pin_hash, last4, state, version, wrong_pins,"
    " issued_at",
    "lot": "voucher_id, id, kind, origin_id, issued_cents, balance, held, issued_on, legal_end, spend_rank",
    "voucher_operation": "voucher_id, id, kind, outcome, cents, lapsed_cents, actor_id, key, version, balance_after,"
    " held_after, outlet_id, till_id, recorded_at, booked_on",
    "operation_part": "voucher_id, operation_id, lot_id, line_no, cents, lapsed",
    "entry": "aggregate_id, journal_id, line_no, ledger_id, kind, booked_on, recorded_at, debit_account, debit_party,"
    " credit_account, credit_party, cents, currency, programme_id",
}


# What the sealer would have found waiting.
QUEUE = """
INSERT INTO outbox (aggregate_id, journal_id, stream, topic, created_at)
SELECT aggregate_id, journal_id, ledger_stream(aggregate_id), min(kind), min(recorded_at) FROM entry e
 WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.aggregate_id = e.aggregate_id AND o.journal_id = e.journal_id)
   AND NOT EXISTS (SELECT FROM seal s WHERE s.aggregate_id = e.aggregate_id AND s.journal_id = e.journal_id)
 GROUP BY aggregate_id, journal_id
"""
# What starting the command costs is measured first, and taken off.
CHECKS = {"start": ("roots", "show"), "sealing": ("seal", "--once"), "chain": ("chain",), "proof": ("prove",)}


@dataclass(frozen=True)
class Ground:
    """One database: how to reach it, how many vouchers it has, and the till that redeems them."""

    name: str
    url: str
    size: int
    till: bytes
    environment: dict[str, str]


def uuid(kind: int, number: int) -> UUID:
    """A UUIDv7 as it would have been made, `number` milliseconds after the beginning."""
    stamp = 1_760_000_000_000 + number
    return UUID(
        int=stamp << 80 | 0x7 << 76 | kind << 64 | 0b10 << 62 | int(hashlib.md5(b"%d" % number).hexdigest()[:15], 16)
    )


def secret(number: int) -> bytes:
    """The hash of a voucher's token."""
    return hashlib.sha256(b"scale %d" % number).digest()


def fill(connection: psycopg.Connection, size: int) -> None:
    """Everything that `size` vouchers leave behind."""
    row = connection.execute(
        "SELECT p.id, p.issuer_id, a.outlet_id, t.id FROM programme p JOIN acceptance a ON a.programme_id = p.id"
        " JOIN till t ON t.outlet_id = a.outlet_id JOIN outlet o ON o.id = a.outlet_id"
        " WHERE p.slug = 'muensterland-gutschein' AND o.slug = 'buchhandlung-lindenallee' LIMIT 1"
    ).fetchone()
    assert row
    for table, columns in COLUMNS.items():
        began = time.perf_counter()
        with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copied:
            for number in range(size):
                for values in rows(table, number, row):
                    copied.write_row(values)
        print(f"  {table:<20}{time.perf_counter() - began:>7.1f} s", file=sys.stderr, flush=True)


def rows(table: str, number: int, ground: tuple[UUID, ...]) -> Iterator[tuple[Any, ...]]:
    """What one voucher leaves in a table."""
    programme, issuer, outlet, till = ground
    voucher, issue, redeem = uuid(1, number), uuid(2, number), uuid(3, number)
    lots = [uuid(4 + place, number) for place in range(5 if number % FIVE_EVERY == 0 else 1)]
    share, day, at = FIRST // len(lots), date(2025, 10, 9), "2025-10-09 12:00+02"
    if table == "voucher":
        hashes = (secret(number), secret(-number - 1), secret(0))
        yield (voucher, programme, issuer, *hashes, f"{number % 10_000:04}", "active", 1 + len(lots), 0, at)
    elif table == "lot":
        for place, lot in enumerate(lots):
            balance = share - (TAKEN if place == 0 else 0)
            yield (voucher, lot, "paid", None, share, balance, 0, day, date(2028, 12, 31), 0)
    elif table == "voucher_operation":
        for place, lot in enumerate(lots):
            kind, given = ("issue", issue) if place == 0 else ("load", lot)
            key = (issuer, f"{kind}:{number}:{place}", place + 1, share * (place + 1), 0, None, None, at, day)
            yield (voucher, given, kind, "done", share, 0, *key)
        key = (till, f"redeem:{number}", len(lots) + 1, FIRST - TAKEN, 0, outlet, till, at, day)
        yield (voucher, redeem, "redeem", "done", TAKEN, 0, *key)
    elif table == "operation_part":
        for place, lot in enumerate(lots):
            yield (voucher, issue if place == 0 else lot, lot, 1, share, False)
        yield (voucher, redeem, lots[0], 1, TAKEN, False)
    else:
        for place, lot in enumerate(lots):
            journal, kind = (issue, "voucher.issue") if place == 0 else (lot, "voucher.load")
            sides = ("WK", None, "VL", voucher)
            yield (voucher, journal, 1, issuer, kind, day, at, *sides, share, "EUR", programme)
        sides = ("VL", voucher, "KR", outlet)
        yield (voucher, redeem, 1, issuer, "voucher.redeem", day, at, *sides, TAKEN, "EUR", programme)


def rate(ground: Ground, choose: Callable[[random.Random], int], cents: int, times: int) -> float:
    """Redemptions a second, by 8 connections."""
    gate, failed = threading.Barrier(CONNECTIONS + 1), []

    def work(place: int) -> None:
        dice = random.Random(f"{ground.name} {place} {time.perf_counter()}")
        with psycopg.connect(
            ground.url, autocommit=True, options="-c role=marktplatz_app -c TimeZone=Europe/Berlin"
        ) as link:
            link.prepare_threshold = 1
            gate.wait()
            for _n in range(times // CONNECTIONS):
                values = (ground.till, secret(choose(dice)), uuid4(), str(uuid4()), cents, secret(dice.getrandbits(60)))
                row = link.execute(REDEEM, values).fetchone()
                if row is None or row[0] != "done":
                    failed.append(row)
            gate.wait()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    gate.wait()
    spent = time.perf_counter() - began
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(f"{len(failed)} redemptions were refused, the first with {failed[0]}")
    return times // CONNECTIONS * CONNECTIONS / spent


def one_lot(ground: Ground) -> Callable[[random.Random], int]:
    """Any voucher of one lot."""
    return lambda dice: dice.randrange(ground.size // FIVE_EVERY) * FIVE_EVERY + dice.randrange(1, FIVE_EVERY)


def five_lots(ground: Ground) -> Callable[[random.Random], int]:
    """Any voucher of five lots."""
    return lambda dice: dice.randrange(ground.size // FIVE_EVERY) * FIVE_EVERY


def measure(small: Ground, large: Ground, times: int) -> dict[str, float]:
    """The medians of all rounds; what is compared takes turns within a round."""
    acts = {"small": (small, one_lot(small)), "large": (large, one_lot(large)), "five lots": (large, five_lots(large))}
    rates: dict[str, list[float]] = {name: [] for name in acts}
    costs: dict[str, list[float]] = {name: [] for name in acts}
    postmaster = site.postmaster(small.url)
    for _round in range(ROUNDS + 1):
        for name, (ground, choose) in acts.items():
            before = site.spent(postmaster)
            rates[name].append(rate(ground, choose, 1, times))
            costs[name].append((site.spent(postmaster) - before) * 1000 / times)
    # The first round warms up.
    middle = {name: statistics.median(found[1:]) for name, found in rates.items()}
    cost = {name: statistics.median(found[1:]) for name, found in costs.items()}
    return (
        {f"{name}, a second": round(value, 1) for name, value in middle.items()}
        | {f"{name}, CPU ms of the database": round(value, 3) for name, value in cost.items()}
        | {
            "rate of large to small (at least 0.85)": round(middle["large"] / middle["small"], 3),
            "rate of five lots to one (at least 0.8)": round(middle["five lots"] / middle["large"], 3),
            "CPU of large to small": round(cost["large"] / cost["small"], 3),
            "CPU of five lots to one": round(cost["five lots"] / cost["large"], 3),
        }
    )


def check(ground: Ground) -> dict[str, float]:
    """Seal everything, then prove and recompute it whole: seconds of processor time, ours and the database's."""
    with psycopg.connect(ground.url) as connection:
        row = connection.execute("SELECT count(*) FROM entry").fetchone()
    assert row
    found: dict[str, float] = {"entries": row[0]}
    postmaster, here = site.postmaster(ground.url), psutil.Process()
    for name, command in CHECKS.items():
        before, began = site.spent(postmaster) + site.spent(here), time.perf_counter()
        # The invented vouchers rest on no paper: what the proof finds does not matter here, how long it looks does.
        done = subprocess.run(
            [sys.executable, "-m", "flask", "money", *command],
            cwd=ROOT,
            env=ground.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        spent = site.spent(postmaster) + site.spent(here) - before
        print(
            f"  {name}: {time.perf_counter() - began:.0f} s, {done.stdout.strip()[-60:]}", file=sys.stderr, flush=True
        )
        found[f"{name}, CPU s"] = round(spent, 1)
        if name != "start":
            rest = spent - found["start, CPU s"]
            found[f"{name}, CPU s a million entries"] = round(rest * 1_000_000 / row[0], 1)
    return found


@contextmanager
def grounds(size: int) -> Iterator[tuple[Ground, Ground]]:
    """Both databases, gone afterwards."""
    server = Server(ROOT / "instance" / "bench-postgres")
    server.start()
    names = {f"scale_{n}_{os.getpid()}": n for n in (SMALL, size)}
    try:
        yield tuple(_ground(server, name, n) for name, n in names.items())  # type: ignore[misc]
    finally:
        for name in names:
            server.drop_database(name)
        server.stop()


def _ground(server: Server, name: str, size: int) -> Ground:
    print(f"Filling {size:,} vouchers", file=sys.stderr)
    server.create_database(name)
    owner, login = server.urls(name)
    environment = site.settings(0, owner, login)
    site.run(environment, "flask", "db", "upgrade")
    target = ROOT / "instance" / f"{name}.json"
    site.run(environment, "demo.seed", "--write", str(target))
    tills = json.loads(target.read_text("utf-8"))["tills"]
    target.unlink()
    with psycopg.connect(owner, autocommit=True) as connection:
        with connection.transaction():
            fill(connection, size)
            connection.execute(QUEUE)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("UPDATE programme SET velocity_limit = 1000000")
    token = next(till["token"] for till in tills if till["shop"] == "buchhandlung-lindenallee")
    return Ground(name, login, size, keyed_hash("till", token, environment["CODE_PEPPER"]), environment)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, required=True, help="vouchers of the large database")
    parser.add_argument("--times", type=int, default=4000, help="redemptions of one measurement")
    given = parser.parse_args()
    with grounds(given.size) as (small, large):
        found = measure(small, large, given.times) | check(large)
    target = ROOT / "instance" / "bench-scale.json"
    target.write_text(json.dumps({"size": given.size} | found, indent=1), encoding="utf-8")
    for name, value in found.items():
        print(f"{name:<44}{value:>10}")
    print(f"\nWritten to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
