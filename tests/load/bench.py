"""`make bench`: how fast, in one run on one PostgreSQL, as a table and as JSON in instance/bench.json.

Read ratios, not absolute figures: the load, the web server and the database share this machine's processors.
CPU is what the operating system counted for the web server's and the database's processes, per request; sealer and job
worker run beside it as in production. The floors are bare Flask under the same gunicorn: a constant answer, and our own
redemption function with nothing around it (`tests.load.floor`). The number of statements, and the profile of (e) and
(f), come from one more pass of the same requests inside this process. The machine's load stands beside the figures.
"""

import argparse
import hashlib
import json
import os
import random
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from foundation.security import keyed_hash
from tests.builders.hanging import hanging
from tests.load import within
from tests.load.client import Visitor, at_once
from tests.load.pressers import pressing
from tests.load.redeem import REDEEM
from tests.load.site import Site, running, vouchers

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 8
FUNCTION = "a function"
ALONE, HANGING, ONE_SERVICE = "g alone", "g hanging", "g one service"
FLOOR_CONSTANT, FLOOR_REDEMPTION = "floor constant", "floor redeem"
OUTSIDE = {
    FUNCTION: 1,
    FLOOR_CONSTANT: 0,
    FLOOR_REDEMPTION: 1,
    ALONE: 1,
    HANGING: 1,
    ONE_SERVICE: 1,
}  # statements, not counted from within
ALTERNATING = (FLOOR_CONSTANT, "b constant", FLOOR_REDEMPTION, "c redemption")
ROUNDS = 8
PROFILED = ("e basket", "f checkout")
EVERY_SECONDS = 0.2  # each of the tills redeems, whether the one before was answered or not
PROVIDER = {"STRIPE_SECRET_KEY": "sk_test_hangs", "STRIPE_WEBHOOK_SECRET": "whsec_hangs"}
Act = Callable[[int, int], Any]


def figure(seconds: list[float], whole: float, cpu: tuple[float, float]) -> dict[str, float]:
    """What one measurement says: rate, quantiles in ms, CPU ms per request in web server and database."""
    n = len(seconds)

    def at(part: float) -> float:
        return round(seconds[min(n - 1, int(n * part))] * 1000, 2)

    web, base = (round(spent * 1000 / n, 3) for spent in cpu)
    return {
        "requests": n,
        "per_second": round(n / whole, 1),
        "p50_ms": at(0.5),
        "p95_ms": at(0.95),
        "p99_ms": at(0.99),
        "worst_ms": at(1),
        "web_cpu_ms": web,
        "database_cpu_ms": base,
    }


def measure(site: Site, act: Act, times: int) -> dict[str, float]:
    """Warm up a little, then measure."""
    at_once(CONNECTIONS, act, max(CONNECTIONS * 4, times // 20))
    return clock(site, act, times)


def clock(site: Site, act: Act, times: int, every: float = 0) -> dict[str, float]:
    """Measure; `every` as in `at_once`."""
    before, began = site.cpu(), time.perf_counter()
    seconds = at_once(CONNECTIONS, act, times, every)
    whole, after = time.perf_counter() - began, site.cpu()
    return figure(seconds, whole, (after[0] - before[0], after[1] - before[1]))


class Bench:
    """All measurements on one site."""

    def __init__(self, site: Site, tokens: list[str], times: int) -> None:
        self.site, self.tokens, self.times = site, tokens, times
        self.measure: Callable[[Act, int], dict[str, Any]] = partial(measure, site)
        self.visitors = [Visitor(site.base) for _n in range(CONNECTIONS)]
        self.till_visitors = [Visitor(site.tills) for _n in range(CONNECTIONS)]
        self.floor_visitors = [Visitor(site.floor) for _n in range(CONNECTIONS)]
        self.till: str = next(t["token"] for t in site.demo["tills"] if t["shop"] == "buchhandlung-lindenallee")
        self.dice = random.Random(1)
        self.profiled = False

    def function(self) -> dict[str, Any]:
        """(a) The redemption's SQL function, called directly by 8 connections."""
        pepper = self.site.environment["CODE_PEPPER"]
        till = keyed_hash("till", self.till, pepper)
        hashes = [keyed_hash("voucher token", token, pepper) for token in self.tokens]
        links = [
            psycopg.connect(
                self.site.environment["DATABASE_URL"],
                autocommit=True,
                options="-c role=marktplatz_app -c TimeZone=Europe/Berlin",
            )
            for _n in range(CONNECTIONS)
        ]

        def act(thread: int, nth: int) -> None:
            body = hashlib.sha256(secrets.token_bytes(8)).digest()
            values = (till, self.dice.choice(hashes), uuid4(), str(uuid4()), 1, body)
            row = links[thread].execute(REDEEM, values).fetchone()
            if row is None or row[0] != "done":
                raise RuntimeError(f"the function answered {row}")

        try:
            return self.measure(act, self.times)
        finally:
            for link in links:
                link.close()

    def within(self) -> "Bench":
        """The same acts for one visitor inside this process: counted and profiled instead of timed."""
        inner = Bench(self.site, self.tokens, self.times)
        app = within.application(self.site.environment)
        inner.visitors = [within.Inside(self.site.base, app)]
        inner.measure = lambda act, _times: within.look(app, act, profiled=inner.profiled)
        return inner

    def floor_constant(self) -> dict[str, Any]:
        """Measure bare Flask with a constant answer, under the same gunicorn."""
        return self.measure(lambda thread, nth: self.floor_visitors[thread].open("/constant"), self.times)

    def floor_redemption(self) -> dict[str, Any]:
        """Measure bare Flask with our own redemption function and nothing around it."""
        return self.measure(self._redeeming(self.floor_visitors, "/redeem"), self.times)

    def constant(self) -> dict[str, Any]:
        """(b) A constant JSON answer of the same server."""
        return self.measure(lambda thread, nth: self.visitors[thread].open("/api/v1/ping"), self.times)

    def redemption(self) -> dict[str, Any]:
        """(c) POST /api/v1/redemptions by 8 connections."""
        return self.measure(self._redeeming(self.visitors, "/api/v1/redemptions"), self.times)

    def redemption_beside_nobody(self) -> dict[str, Any]:
        """(g) Eight tills redeem five times a second each at the tills' service, and nothing else happens."""
        return self._redeem_in_time(self.till_visitors)

    def redemption_beside_a_hanging_provider(self) -> dict[str, Any]:
        """(g) The same while fifty press "order" at the shop's and the provider takes every call and answers none."""
        with pressing(self.site.base) as seen:
            found = self._redeem_in_time(self.till_visitors)
        return found | seen

    def redemption_in_one_service(self) -> dict[str, Any]:
        """(g) The control: the tills, too, call the service in which fifty press."""
        with pressing(self.site.base) as seen:
            found = self._redeem_in_time(self.visitors)
        return found | seen

    def _redeem_in_time(self, visitors: list[Visitor]) -> dict[str, Any]:
        act = self._redeeming(visitors, "/api/v1/redemptions")
        return clock(self.site, act, max(CONNECTIONS * 4, self.times // 4), EVERY_SECONDS)

    def _redeeming(self, visitors: list[Visitor], path: str) -> Act:
        def act(thread: int, nth: int) -> None:
            body = json.dumps({"token": self.dice.choice(self.tokens), "amount_cents": 1})
            header = {"Authorization": f"Bearer {self.till}", "Content-Type": "application/json"}
            header["Idempotency-Key"] = str(uuid4())
            status, text = visitors[thread].send("POST", path, body, **header)
            if status != 201:
                raise RuntimeError(f"a redemption answered {status}: {text[:300]}")

        return act

    def page(self, path: str) -> dict[str, Any]:
        """(d) One page."""
        return self.measure(lambda thread, nth: self.visitors[thread].open(path), self.times // 4)

    def offers(self) -> list[str]:
        """Offers that lie on shelves of shops where one can collect."""
        with psycopg.connect(self.site.environment["MIGRATION_DATABASE_URL"]) as connection:
            rows = connection.execute(
                "SELECT o.id FROM offer o JOIN stock s ON s.offer_id = o.id"
                " JOIN storefront f ON f.outlet_id = o.outlet_id"
                " WHERE o.status = 'published' AND NOT o.has_variants AND o.age_limit IS NULL"
                " AND 'shop' = ANY(f.handover_kinds) AND 'voucher' = ANY(f.payment_kinds)"
                " AND o.storage_class = 'ambient' ORDER BY o.id"
            ).fetchall()
            connection.execute("UPDATE stock SET on_hand = 1000000 WHERE on_hand IS NOT NULL")
            connection.execute("UPDATE collection_rule SET capacity = 10000")
        return [str(row[0]) for row in rows]

    def add(self, offers: list[str]) -> dict[str, Any]:
        """(e) Add to basket: a new guest every thirty goods."""

        def act(thread: int, nth: int) -> None:
            visitor = self.visitors[thread]
            if nth % 30 == 0:
                visitor.cookies.clear()
                self._token(visitor)
            self._put(visitor, offers[(thread * 977 + nth * 7) % len(offers)])

        return self.measure(act, self.times // 4)

    def _token(self, visitor: Visitor) -> None:
        page = visitor.open("/g")
        visitor.csrf = page.split('name="csrf-token" content="')[1].split('"')[0]

    def _put(self, visitor: Visitor, offer: str) -> None:
        header = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": visitor.csrf}
        status, text = visitor.send("POST", "/warenkorb/hinein", f"offer_id={offer}&quantity=1", **header)
        if status != 303:
            raise RuntimeError(f"the basket answered {status}: {text[:300]}")

    def checkout(self, offers: list[str]) -> dict[str, Any]:
        """(f) A whole checkout: two goods, pick-up, voucher for a part, the rest at pick-up."""

        def act(thread: int, nth: int) -> None:
            visitor = self.visitors[thread]
            visitor.cookies.clear()
            self._token(visitor)
            for _good in range(2):
                self._put(visitor, self.dice.choice(offers))
            basket = visitor.open("/warenkorb")
            where = visitor.fill(basket, "/bestellen")
            pay = visitor.fill(where, "/bestellen/abholung", name="Anna Ahlers", email="anna@example.org")
            pay = visitor.fill(pay, "/bestellen/gutschein", voucher=self.dice.choice(self.tokens))
            if 'value="pickup"' in pay:
                visitor.fill(pay, "/bestellen/absenden", method="pickup")
            else:
                visitor.fill(pay, "/bestellen/absenden")

        return self.measure(act, max(CONNECTIONS * 5, self.times // 50))


def steps(bench: Bench, offers: list[str]) -> dict[str, Callable[[], dict[str, Any]]]:
    """What is measured, in its order: checkouts last, they leave vouchers empty that others redeem."""
    return {
        FUNCTION: bench.function,
        FLOOR_CONSTANT: bench.floor_constant,
        FLOOR_REDEMPTION: bench.floor_redemption,
        "b constant": bench.constant,
        "c redemption": bench.redemption,
        "d home": lambda: bench.page("/"),
        "d search": lambda: bench.page("/suche?q=brot"),
        "d shop": lambda: bench.page("/laden/dorfladen-darup"),
        "d product": lambda: bench.page(_product(bench.site, offers[0])),
        ALONE: bench.redemption_beside_nobody,
        HANGING: bench.redemption_beside_a_hanging_provider,
        ONE_SERVICE: bench.redemption_in_one_service,
        "e basket": lambda: bench.add(offers),
        "f checkout": lambda: bench.checkout(offers),
    }


def alternate(bench: Bench, acts: dict[str, Callable[[], dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Measure what is compared with its floor in turns, so that other load meets all alike; give medians of rounds."""
    whole, bench.times = bench.times, max(CONNECTIONS * 4, bench.times // ROUNDS)
    seen: dict[str, list[dict[str, Any]]] = {name: [] for name in ALTERNATING}
    for _round in range(ROUNDS):
        for name in ALTERNATING:
            seen[name].append(acts[name]() | {"load_before": round(os.getloadavg()[0], 1)})
    bench.times = whole
    return {
        name: {column: round(statistics.median(row[column] for row in rows), 3) for column in rows[0]}
        for name, rows in seen.items()
    }


def run(size: int, times: int) -> dict[str, Any]:
    """Everything, on `size` vouchers."""
    with hanging() as provider, running(STRIPE_API_BASE=provider.url, **PROVIDER) as site:
        tokens = vouchers(site, size)
        bench = Bench(site, tokens, times)
        offers = bench.offers()
        acts = steps(bench, offers)
        print(f"  measuring {', '.join(ALTERNATING)} in turns …", file=sys.stderr, flush=True)
        found: dict[str, Any] = alternate(bench, acts)
        for name, step in acts.items():
            if name in ALTERNATING:
                continue
            print(f"  measuring {name} …", file=sys.stderr, flush=True)
            load = os.getloadavg()[0]
            found[name] = step() | {"load_before": round(load, 1)}
        inner = bench.within()
        for name, step in steps(inner, offers).items():
            inner.profiled = name in PROFILED
            found[name] |= {"statements": OUTSIDE[name]} if name in OUTSIDE else step()
        reconnected = sum(v.reconnected for v in [*bench.visitors, *bench.till_visitors, *bench.floor_visitors])
        machine = {"cores": os.cpu_count(), "load_1_5_15": os.getloadavg(), "reconnected": reconnected}
        setting = {"vouchers": size, "connections": CONNECTIONS, "machine": machine}
        return setting | {"results": found, "goals": goals(found)}


def _product(site: Site, offer: str) -> str:
    visitor = Visitor(site.base)
    path = f"/angebot/{offer}-x"
    status, _text = visitor.send("GET", path)
    return visitor.path if status in (301, 302, 303, 308) else path


def goals(found: dict[str, Any]) -> dict[str, Any]:
    """What is to be reached, and whether it is."""
    b = found["b constant"]["web_cpu_ms"]
    redemption = found["c redemption"]["web_cpu_ms"]
    made = {"redemption_web_cpu_ratio": (redemption / b, 3.0)}
    made["constant_to_floor_cpu_ratio"] = (b / found[FLOOR_CONSTANT]["web_cpu_ms"], 1.5)
    made["redemption_to_floor_cpu_ratio"] = (redemption / found[FLOOR_REDEMPTION]["web_cpu_ms"], 1.3)
    made["redemption_statements"] = (found["c redemption"]["statements"], 3)
    made["redemption_p99_ms"] = (found["c redemption"]["p99_ms"], 30.0)
    made["redemption_beside_hanging_p99_ms"] = (found[HANGING]["p99_ms"], 100.0)
    for name in ("home", "search", "shop", "product"):
        made[f"{name}_web_cpu_ratio"] = (found[f"d {name}"]["web_cpu_ms"] / b, 8.0)
    return {k: {"value": round(v, 2), "at_most": most, "reached": v <= most} for k, (v, most) in made.items()}


def show(result: dict[str, Any]) -> None:
    """The table."""
    columns = ("per_second", "p50_ms", "p95_ms", "p99_ms", "worst_ms", "web_cpu_ms", "database_cpu_ms")
    columns += ("statements", "load_before")
    machine = result["machine"]
    load = machine["load_1_5_15"][0]
    print(f"\n{machine['cores']} cores, load at the end {load:.1f}: read ratios, not absolute figures")
    print(f"\n{'':<14}" + "".join(f"{c:>17}" for c in columns))
    for name, row in result["results"].items():
        print(f"{name:<14}" + "".join(f"{row[c]:>17}" for c in columns))
    print()
    for name in PROFILED:
        spent = list(result["results"][name]["profile"]["own_time_percent"].items())[:7]
        print(f"{name}: own time in {', '.join(f'{package} {share} %' for package, share in spent)}")
    print()
    for name, goal in result["goals"].items():
        mark = "ok  " if goal["reached"] else "MISS"
        print(f"{mark} {name:<28}{goal['value']:>8} (at most {goal['at_most']})")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="vouchers")
    parser.add_argument("--times", type=int, default=4000, help="requests of the quick measurements")
    given = parser.parse_args()
    result = run(given.size, given.times)
    target = ROOT / "instance" / "bench.json"
    target.write_text(json.dumps(result, indent=1), encoding="utf-8")
    show(result)
    print(f"\nWritten to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
