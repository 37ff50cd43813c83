"""A telephone of five years ago in a cellar: 3G, a slow processor, and a count of what goes over the line."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page

BITS_PER_SECOND = 400_000
ROUND_TRIP_MS = 400
SLOWER = 4


@dataclass
class Line:
    """What went over the line since it was last cleared: requests that reached the server, and their bytes."""

    talk: CDPSession
    sent: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)

    def clear(self) -> None:
        """Start counting anew."""
        self.sent, self.kept, self.sizes = {}, set(), {}

    @property
    def trips(self) -> list[str]:
        """The addresses that were asked of the server and not of the telephone's own store."""
        return [url for number, url in self.sent.items() if number not in self.kept and url.startswith("http")]

    @property
    def bytes(self) -> int:
        """How many bytes came over the line, unpacked, without heads."""
        return sum(size for number, size in self.sizes.items() if number not in self.kept)

    @property
    def weights(self) -> dict[str, int]:
        """The same by address."""
        return {self.sent[number]: size for number, size in self.sizes.items() if number in self.sent}

    def _ask(self, said: dict[str, Any]) -> None:
        self.sent[said["requestId"]] = said["request"]["url"]

    def _store(self, said: dict[str, Any]) -> None:
        self.kept.add(said["requestId"])

    def _answer(self, said: dict[str, Any]) -> None:
        answer = said["response"]
        if answer.get("fromDiskCache") or answer.get("fromPrefetchCache"):
            self.kept.add(said["requestId"])

    def _came(self, said: dict[str, Any]) -> None:
        number = said["requestId"]
        self.sizes[number] = self.sizes.get(number, 0) + int(said["dataLength"])


def listen(page: Page) -> Line:
    """Count on this page."""
    talk = page.context.new_cdp_session(page)
    line = Line(talk)
    talk.on("Network.requestWillBeSent", line._ask)
    talk.on("Network.requestServedFromCache", line._store)
    talk.on("Network.responseReceived", line._answer)
    talk.on("Network.dataReceived", line._came)
    talk.send("Network.enable")
    return line


def slow_down(line: Line) -> None:
    """3G and a slow processor from now on."""
    each_way = BITS_PER_SECOND / 8
    conditions = {
        "offline": False,
        "latency": ROUND_TRIP_MS,
        "downloadThroughput": each_way,
        "uploadThroughput": each_way,
    }
    line.talk.send("Network.emulateNetworkConditions", conditions)
    line.talk.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
