"""Where the demo listens."""

import socket
from collections.abc import Iterator

import pytest

from demo.address import Address, nearby, wanted
from demo.processes import Failed


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_taken_port_is_a_sentence_that_names_another(taken: int) -> None:
    with pytest.raises(Failed, match=rf"Port {taken} on 127.0.0.1 is taken .*make demo PORT={taken + 1}"):
        wanted("127.0.0.1", str(taken))


@pytest.mark.parametrize("port", ["abc", "", "0", "65536", "-1", "8000 ", "٨٠٠٠"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(Failed, match="is not a port"):
        wanted("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Failed, match=r"HOST=192\.0\.2\.1 is not an address of this machine"):
        wanted("192.0.2.1", "8000")


def test_a_neighbour_moves_aside_when_its_usual_port_is_taken(taken: int) -> None:
    found = nearby(Address("127.0.0.1", taken - 20), 20)
    assert found.port != taken
    assert wanted("127.0.0.1", str(found.port)) == found


@pytest.mark.parametrize(
    ("host", "bind", "url"),
    [
        ("127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("0.0.0.0", "0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("::1", "[::1]:8000", "http://[::1]:8000"),
        ("::", "[::]:8000", "http://[::1]:8000"),
    ],
)
def test_every_address_can_be_opened_on_this_machine(host: str, bind: str, url: str) -> None:
    address = Address(host, 8000)
    assert (address.bind, address.url) == (bind, url)
