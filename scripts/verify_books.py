#!/usr/bin/env python3
"""Check what the regional voucher's books say of themselves, without trusting whoever keeps them. Needs only Python.

    python3 verify_books.py books.jsonl.gz --roots roots.txt     an exported period: chain, balances, cover
    python3 verify_books.py receipt.json --roots roots.txt       a holder's receipt: is my voucher's value in it?

roots.txt is what you kept: mails, the feed, the page; lines of day, root of the seals, root of the balances. Without it
the file is only checked against itself. Ends with 1 and says what is wrong.
"""

import argparse
import csv
import gzip
import hashlib
import json
import re
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LINE = re.compile(r"\b(\d{4}-\d{2}-\d{2}) ([0-9a-f]{64}) ([0-9a-f]{64})\b")
NOBODY = "00000000-0000-0000-0000-000000000000"
VOUCHERS, PREPAID = {"VL", "VB", "VE", "VH"}, {"EP", "CB", "DB"}


def sha(*parts):
    return hashlib.sha256(b"".join(p if isinstance(p, bytes) else p.encode() for p in parts)).digest()


def hash_leaf(leaf):
    return sha(b"\0", bytes.fromhex(leaf["salt"]), leaf["text"])


def find_root(level):
    while len(level) > 1:
        level = [sha(b"\1", *level[n : n + 2]) for n in range(0, len(level) - 1, 2)] + level[len(level) & ~1 :]
    return (level[0] if level else sha(b"")).hex()


class Wrong(Exception):
    """Something does not fit."""


def need(condition, what):
    if not condition:
        raise Wrong(what)


def read_roots(path):
    text = open(path, encoding="utf-8", errors="replace").read().replace("=\r\n", "").replace("=\n", "")
    return {day: (root, balances) for day, root, balances in LINE.findall(text)}


def check_receipt(receipt, kept):
    """The leaf, up its path, is the root that everybody has; the path is made of hashes and shows nobody's balance."""
    day, root, balances = receipt["published"].split()
    if kept is not None:
        need(day in kept, f"you hold no root of {day}")
        need(kept[day] == (root, balances), f"the root of {day} is not the one that you hold")
    cents = 0
    for leaf in receipt["leaves"]:
        value = hash_leaf(leaf)
        for side, neighbour in leaf["path"]:
            other = bytes.fromhex(neighbour)
            value = sha(b"\1", other, value) if side == "L" else sha(b"\1", value, other)
        need(value.hex() == balances, f"{leaf['text']} does not lead to the root of {day}")
        cents -= int(leaf["text"].rsplit("|", 1)[1])
    need(cents == receipt["cents"], "the sum is not that of its parts")
    print(f"In the books at the end of {day}: {cents / 100:,.2f} EUR")


class Period:
    """One exported period: what it began with, every seal, what it ended with."""

    def __init__(self, kept):
        self.kept, self.balances, self.opening, self.closing = kept, defaultdict(int), [], []
        self.heads, self.ends, self.counts = {}, defaultdict(dict), defaultdict(int)
        self.days, self.since, self.until = {}, "", ""
        self.sums, self.zone = defaultdict(lambda: defaultdict(int)), ZoneInfo("Europe/Berlin")

    def take(self, line):
        self.counts[line["kind"]] += 1
        getattr(self, "take_" + line["kind"])(line)

    def take_period(self, line):
        self.since, self.until = line["since"], line["until"]

    def take_heads(self, line):
        for name, (number, value) in line["heads"].items():
            self.heads[name] = (number, bytes.fromhex(value))
            self.ends[name][""] = self.heads[name]

    def take_opening(self, line):
        self.opening.append(hash_leaf(line))
        *key, cents = line["text"].split("|")
        self.balances[tuple(key)] += int(cents)

    def take_seal(self, line):
        digest = sha("\n".join(line["entries"]), "\n", line["rest"]).hex()
        name, text = str(line["stream"]), f"{line['stream']}|{line['no']}{line['front']}{line['at']}|{digest}"
        self.follow(name, line, text, sha(f"stream:{line['stream']}"))
        for entry in line["entries"]:
            self.add(entry)

    def take_row(self, line):
        self.follow("rows", line, f"{line['no']}|{line['table']}|{line['digest']}|{line['at']}", sha("rows"))

    def follow(self, name, line, text, first):
        number, before = self.heads.get(name, (0, first))
        need(line["no"] == number + 1, f"stream {name}: seal {number + 1} is missing")
        need(sha(before, text).hex() == line["hash"], f"stream {name}: seal {line['no']} does not fit what it seals")
        day = (datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC")) + timedelta(microseconds=line["at"])).astimezone(self.zone)
        need(self.since <= day.date().isoformat() <= self.until, f"stream {name}: seal {line['no']} is of another day")
        self.heads[name] = self.ends[name][day.date().isoformat()] = (line["no"], bytes.fromhex(line["hash"]))

    def add(self, entry):
        fields = next(csv.reader([entry[len("entry(") :]]))
        ledger, cents, currency = fields[3], int(fields[11]), fields[12]
        need(cents > 0 and currency == "EUR", f"not an amount: {entry}")
        for account, party, sign in ((fields[7], fields[8], 1), (fields[9], fields[10], -1)):
            self.balances[ledger, account, party or NOBODY] += sign * cents

    def take_day(self, line):
        self.days[line["day"]] = line
        heads = {n: [h for day, h in ends.items() if day <= line["day"]] for n, ends in sorted(self.ends.items())}
        heads = {name: max(found) for name, found in heads.items() if found}
        lines = [f"{name}|{number}|{value.hex()}" for name, (number, value) in heads.items()]
        seals = sum(number for name, (number, _value) in heads.items() if name != "rows")
        need(
            sha("\n".join(lines)).hex() == line["root"] and seals == line["seals"], f"{line['day']}: root does not fit"
        )
        if self.kept is not None:
            need(line["day"] in self.kept, f"you hold no root of {line['day']}")
            published = (line["root"], line["balances"])
            need(self.kept[line["day"]] == published, f"{line['day']}: not the root that you hold")

    def take_closing(self, line):
        self.closing.append(hash_leaf(line))
        ledger, account, party, cents = line["text"].split("|")
        need(
            self.balances.pop((ledger, account, party), 0) == int(cents), f"not the sum of its entries: {line['text']}"
        )
        self.cover(self.sums[ledger], account, int(cents))

    def cover(self, sums, account, cents):
        """Pool against debts, as decision 0106 says: whoever owes us makes nobody else's claim smaller."""
        sums["owes"] += account in VOUCHERS | {"KR", "KZ", "EP", "CB"}
        sums["pool"] += cents if account in {"TB", "PSP", "GT"} else 0
        sums["vouchers"] -= cents if account in VOUCHERS else 0
        sums["prepaid"] -= cents if account in PREPAID else 0
        sums["others"] += max(-cents, 0) if account in {"KZ", "CL"} else 0
        sums["shops"] += max(-cents, 0) if account == "KR" else 0
        sums["claims"] += max(cents, 0) if account == "CL" else 0

    def finish(self):
        need(not any(self.balances.values()), "the file hides balances")
        root = self.days[self.until]["balances"] if self.until in self.days else "none"
        need(find_root(self.closing) == root, "the balances are not those of the last day's root")
        before = (datetime.fromisoformat(self.since) - timedelta(days=1)).date().isoformat()
        if self.kept and before in self.kept:
            need(find_root(self.opening) == self.kept[before][1], "the opening balances are not those that you hold")
        elif self.opening:
            print(f"Note: you hold no root of {before}; what the period began with is taken from the file")
        print(
            f"{self.counts['seal']} documents, {self.counts['row']} rows, {len(self.days)} days: chain and balances fit"
        )
        short = []
        for ledger, sums in self.sums.items():
            owed = sum(max(sums[k], 0) for k in ("vouchers", "prepaid")) + sums["others"]
            owed += max(sums["shops"] - sums["claims"], 0)
            if sums["owes"]:
                print(f"Issuer {ledger}: pool {sums['pool'] / 100:,.2f} EUR, owed {owed / 100:,.2f} EUR")
                short += [ledger] if sums["pool"] < owed else []
        need(not short, f"not covered: {', '.join(short)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--roots")
    given = parser.parse_args()
    kept = read_roots(given.roots) if given.roots else None
    try:
        if given.file.endswith(".json"):
            check_receipt(json.load(open(given.file, encoding="utf-8")), kept)
        else:
            books = Period(kept)
            with (gzip.open if given.file.endswith(".gz") else open)(given.file, "rt", encoding="utf-8") as file:
                for line in file:
                    books.take(json.loads(line))
            books.finish()
    except (Wrong, OSError, KeyError, ValueError, TypeError, AttributeError, IndexError) as wrong:
        sys.exit(f"WRONG: {wrong}" if isinstance(wrong, Wrong) else f"WRONG, not readable: {wrong!r}")
    print("Everything fits." if kept is not None else "The file fits itself. Hold it against roots that you kept.")


if __name__ == "__main__":
    main()
