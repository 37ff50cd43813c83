"""`make chaos KILLS=200 SEED=1 FAULTS=…`: kill everything under load, then compare the clients' journal with the books.

A second run is the control: PostgreSQL acknowledges before it has written (synchronous_commit = off) and is killed as a
whole. It must lose, and the comparison must say so; else it could not be believed when it finds nothing.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.buyers import Buyer
from tests.chaos.comparison import Differences, compare, read_books
from tests.chaos.house import NAME, PLACE, TARGETS, House, build
from tests.chaos.lanes import Journal, Lane, read_journal
from tests.load.site import paid_by_two

LANES, BUYERS, VOUCHERS = 6, 2, 1200
SHOP, PROGRAMME = "buchhandlung-lindenallee", "muensterland-gutschein"
FAULTS = ("answer_lost", "request_lost", "error_500_done", "webhook_duplicate", "webhook_never")
WHOLE = ("everything of PostgreSQL",)
SETTLE_SECONDS = 180
DUE = (
    "SELECT count(*) FROM procrastinate_jobs"
    " WHERE status IN ('todo', 'doing') AND coalesce(scheduled_at, now()) <= now()"
)
CONTROL, CONTROL_KILLS = "control", 10


@dataclass
class Load:
    """The clients of one run."""

    house: House
    place: Path
    seed: int
    stop: threading.Event = field(default_factory=threading.Event)
    lanes: list[Lane] = field(default_factory=list)
    buyers: list[Buyer] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journal = Journal(self.place)

    def begin(self, tokens: Sequence[str], *, buying: bool) -> None:
        """Start all clients, each with dice of its own and a share of the vouchers."""
        bearer = next(till["token"] for till in self.house.demo["tills"] if till["shop"] == SHOP)
        base = self.house.base
        for n in range(LANES):
            dice = random.Random(self.seed * 100 + n)
            self.lanes.append(Lane(base, bearer, list(tokens[n::LANES]), self.journal, dice, self.stop))
        for n in range(BUYERS if buying else 0):
            dice = random.Random(self.seed * 100 + 50 + n)
            self.buyers.append(Buyer(base, PROGRAMME, self.journal, dice, self.stop))
        self.threads = [threading.Thread(target=self._work, args=[client]) for client in [*self.lanes, *self.buyers]]
        for thread in self.threads:
            thread.start()

    def _work(self, client: Lane | Buyer) -> None:
        try:
            client.work()
        except Exception as error:
            self.failures.append(repr(error))

    def end(self) -> None:
        """Let every client finish what it has begun."""
        self.stop.set()
        for thread in self.threads:
            thread.join()
        self.journal.close()


def disturb(house: House, targets: Sequence[str], faults: Sequence[str], kills: int) -> None:
    """Kill so often, a moment of load between two kills, now and then a fault of the provider before."""
    dice = house.dice
    for nth in range(kills):
        time.sleep(dice.uniform(0.3, 1.2))
        if faults and dice.random() < 0.4:
            house.ask_provider("/_faults", {"kind": dice.choice(faults), "count": dice.randint(1, 3)})
        target = dice.choice(targets)
        house.kill(target)
        house.wait_ready()
        print(f"  {nth + 1}/{kills} {target}", file=sys.stderr, flush=True)


def settle(house: House) -> None:
    """Let the provider deliver what it held back, and wait until no paid order waits any more and all is sealed."""
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:
        house.look_after()
        house.ask_provider("/_webhooks/flush", {"never": True})
        with house.owner() as owner:
            (waiting,) = owner.execute("SELECT count(*) FROM row_queue").fetchone() or (0,)
            (jobs,) = owner.execute(DUE).fetchone() or (0,)
        if not waiting and not jobs:
            return
        time.sleep(1)


def issue(house: House) -> list[str]:
    """Issue the vouchers that the lanes redeem; gives their tokens."""
    two = paid_by_two(house.environment, house.demo, VOUCHERS * 250_00)
    wanted = ("--programme", PROGRAMME, "--cents", "25000", "--count", str(VOUCHERS), *two)
    made = house.flask("vouchers", "issue", *wanted, "--json")
    return [json.loads(line)["token"] for line in made.splitlines() if line.startswith("{")]


def acknowledge_early(house: House) -> None:
    """Let PostgreSQL acknowledge what it has not written, on every connection from now on: the control."""
    with house.owner() as owner:
        owner.execute(f"ALTER DATABASE {NAME} SET synchronous_commit = off")
    house.kill(*WHOLE)
    house.wait_ready()


def read_clock(house: House) -> object:
    """Read the database's clock."""
    with house.owner() as owner:
        return (owner.execute("SELECT clock_timestamp()").fetchone() or (None,))[0]


def play(house: House, name: str, kills: int, seed: int, faults: Sequence[str]) -> dict[str, Any]:
    """One run: load, kills, comparison. As control without buyers: only the tills' acts are compared."""
    tokens, since, control = issue(house), read_clock(house), name == CONTROL
    if control:
        acknowledge_early(house)
    house.killed.clear()
    load = Load(house, PLACE / f"{name}.journal", seed)
    load.begin(tokens, buying=not control)
    try:
        disturb(house, WHOLE if control else TARGETS, faults, kills)
    finally:
        load.end()
    if not control:
        settle(house)
    journal = read_journal(load.place)
    buyers = [line["key"] for line in journal if line["kind"] == "buy"]
    with house.owner() as owner:
        return describe(house, load, journal, compare(journal, read_books(owner, since, buyers)))


def describe(house: House, load: Load, journal: list[dict[str, Any]], found: Differences) -> dict[str, Any]:
    """Say what was done and what was found."""
    done = Counter(line["kind"] for line in journal if line.get("done"))
    return {
        "kills": dict(house.killed),
        "ended_by_themselves": house.ended,
        "acknowledged": dict(done),
        "acknowledged_at_a_repeat": sum(1 for line in journal if line.get("replay")),
        "refused": dict(Counter(line["refused"] for line in journal if "refused" in line)),
        "clients_that_failed": load.failures,
        "never_answered": sum(len(lane.open) for lane in load.lanes) + sum(len(buyer.open) for buyer in load.buyers),
        **found.count(),
        "examples": {name: keys[:5] for name, keys in vars(found).items() if keys},
    }


def prove(house: House) -> dict[str, bool]:
    """Prove the books and recompute the chain; what they find is printed."""
    sound = {}
    for command in ("prove", "chain"):
        try:
            house.flask("money", command)
            sound[command] = True
        except Exception as error:
            print(getattr(error, "stdout", error), file=sys.stderr)
            sound[command] = False
    return sound


def main() -> int:
    """Not zero when something acknowledged is lost or doubled, the books do not hold, or the control loses nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default=",".join(FAULTS), help="of the provider's stand-in, or none")
    given = parser.parse_args()
    faults = [] if given.faults == "none" else given.faults.split(",")
    house = build(given.seed)
    try:
        found = {"load": play(house, "load", given.kills, given.seed, faults), "sound": prove(house)}
        found[CONTROL] = play(house, CONTROL, CONTROL_KILLS, given.seed, [])
    finally:
        house.close()
    (PLACE / "chaos.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(json.dumps(found, indent=1))
    wrong = sum(found["load"][name] for name in ("lost", "doubled", "changed", "unasked", "never_answered"))
    fine = not wrong and all(found["sound"].values()) and not found["load"]["ended_by_themselves"]
    fine = fine and not found["load"]["clients_that_failed"]
    return 0 if fine and found[CONTROL]["lost"] else 1


if __name__ == "__main__":
    sys.exit(main())
