"""Which addresses may be told anything: nothing that leads into our own network."""

import socket
from dataclasses import replace

import pytest

from foundation.config import settings
from foundation.errors import Invalid
from vouchers.partners import addresses, client
from vouchers.partners.addresses import Unreachable


@pytest.fixture
def for_real(monkeypatch: pytest.MonkeyPatch) -> None:
    """No demo: this machine itself is no place to send to."""
    chosen = replace(settings(), demo=False)
    monkeypatch.setattr(addresses, "settings", lambda: chosen)


@pytest.mark.parametrize(
    "url",
    [
        "http://kasse.example.org/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://192.0.2.7/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://kasse/",
        "https://user:pass@kasse.example.org/",
        "https://kasse.example.org/#x",
        "https://kasse.example.org:22/",
        "https://kasse.example.org:99999/",
        "https://kasse.example.org:abc/",
        "https://kasse.example.org\\@localhost/",
        "https://kasse example.org/",
        "https://kasse.example.org/\r\nX-Header: 1",
        "https://käse.example.org/",
        "https://-kasse.example.org/",
        "https:///x",
        "ftp://kasse.example.org/",
        "file:///etc/passwd",
        "",
        "https://kasse.example.org/" + "x" * 500,
    ],
)
def test_what_is_no_public_https_address_is_refused(for_real: None, url: str) -> None:
    with pytest.raises(Invalid):
        addresses.parse_url(url)


def test_a_public_https_address_is_taken_apart(for_real: None) -> None:
    place = addresses.parse_url(" https://Kasse.Example.org:8443/a/b?c=1 ")
    assert (place.secure, place.host, place.port, place.path) == (True, "kasse.example.org", 8443, "/a/b?c=1")
    assert addresses.parse_url("https://kasse.example.org").path == "/"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2a00:1450:4001:80e::200e", True),
        ("10.0.0.1", False),
        ("172.16.3.4", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("nonsense", False),
    ],
)
def test_only_addresses_out_there_are_public(address: str, expected: bool) -> None:
    assert addresses.is_public(address) is expected


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.7"], ["::ffff:169.254.169.254"]])
def test_a_public_name_with_an_inner_address_is_refused_at_every_connection(
    for_real: None, monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    def answer(*_args: object, **_options: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 443)) for text in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", answer)
    with pytest.raises(Unreachable, match="address_refused"):
        addresses.resolve(addresses.parse_url("https://kasse.example.org/"))
    connected: list[object] = []
    monkeypatch.setattr(client, "_connection", lambda *args: connected.append(args))
    assert client.post("https://kasse.example.org/", {}, "{}").error == "address_refused"
    assert connected == []


def test_the_connection_goes_to_the_address_that_was_checked(for_real: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["8.8.8.8", "127.0.0.1"])

    def answer(*_args: object, **_options: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", answer)
    seen: list[str] = []

    def note(_place: object, address: str, _roots: str) -> None:
        seen.append(address)
        raise OSError("far enough")

    monkeypatch.setattr(client, "_connection", note)
    client.post("https://kasse.example.org/", {}, "{}")
    assert seen == ["8.8.8.8"]
