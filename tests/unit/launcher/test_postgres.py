"""The embedded PostgreSQL: for any user, in any folder, after any death."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from foundation import postgres_binaries as binaries
from foundation import postgres_remains as remains
from foundation.postgres import PostgresError, Server
from tests.builders.waiting import PATIENCE, until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One server for all of these tests, in a folder with a space that (as root) only root may enter."""
    place = tmp_path_factory.mktemp("with a space") / "postgres"
    yield place
    Server(place).remove()


@pytest.fixture
def server(folder: Path) -> Server:
    made = Server(folder, fsync=False)
    made.start()
    return made


def pid(server: Server) -> int:
    found = remains.find_postmaster(server.folder / "data")
    assert found
    return found


def one(server: Server, query: str) -> object:
    with server.connect() as link:
        row = link.execute(query).fetchone()
    assert row
    return row[0]


def test_it_keeps_german_text_in_order_of_no_machine(server: Server) -> None:
    assert one(server, "SHOW server_encoding") == "UTF8"
    assert one(server, "SELECT lower('ÄÖÜ')") == "äöü"
    assert one(server, "SELECT to_tsvector('german', 'Häuser')::text") == "'haus':1"


def test_nobody_reaches_it_but_its_user(server: Server) -> None:
    assert one(server, "SHOW listen_addresses") == ""
    assert server.runtime.stat().st_mode & 0o777 == 0o700
    assert (server.folder / "data").stat().st_mode & 0o777 == 0o700
    owner = (server.folder / "data").stat().st_uid
    assert owner != 0
    assert (owner == os.geteuid()) == (os.geteuid() != 0)


def test_the_folders_above_keep_their_rights(folder: Path, server: Server) -> None:
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert folder.parent.parent.stat().st_mode & 0o777 == 0o700


def test_a_second_start_attaches(folder: Path, server: Server) -> None:
    other = Server(folder)
    assert other.start() == server.url("postgres")
    assert not other.started
    assert pid(other) == pid(server)


def test_databases_belong_to_the_owner_and_the_application_may_take_its_role(server: Server) -> None:
    server.create_database("shop")
    server.create_database("shop")
    owner, login = server.urls("shop")
    with psycopg.connect(owner) as link:
        link.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        link.execute("CREATE TABLE IF NOT EXISTS till (id int)")
    with psycopg.connect(login) as link:
        link.execute("SET ROLE marktplatz_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute("SELECT * FROM till")
    server.drop_database("shop")
    assert not server.has_database("shop")


def test_it_starts_after_a_kill_although_a_backend_lives_on(folder: Path, server: Server) -> None:
    with server.connect() as link:
        link.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS n")
    postmaster = pid(server)
    orphan = next(p for p in remains.list_pids(folder / "data") if p != postmaster)
    os.kill(orphan, signal.SIGSTOP)  # it cannot notice that its postmaster dies
    os.kill(postmaster, signal.SIGKILL)
    assert until(lambda: not remains.is_alive(postmaster))
    assert remains.is_alive(orphan)
    again = Server(folder, fsync=False)
    again.start()
    assert again.started
    assert not remains.is_alive(orphan)
    assert one(again, "SELECT n FROM kept") == 1


def test_a_recycled_process_number_in_the_pid_file_is_not_taken_for_the_server(folder: Path) -> None:
    server = Server(folder, fsync=False)
    server.start()
    path = (folder / "data").resolve() / "postmaster.pid"
    lines = path.read_text().splitlines()
    server.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    path.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    assert remains.find_postmaster(folder / "data") is None
    server.start()
    assert one(server, "SELECT 1") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_processes_that_start_a_new_one_at_once_get_the_same_server(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    script = f"from foundation.postgres import Server; print(Server({str(folder)!r}, fsync=False).start())"
    starters = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(3)]
    answers = {starter.communicate(timeout=PATIENCE)[0] for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert len(answers) == 1
    server = Server(folder)
    server.start()
    assert not server.started
    server.remove()
    assert not folder.exists()


def test_it_dies_with_its_launcher_when_asked_to(folder: Path, server: Server) -> None:
    server.stop()
    script = f"""
import time
from foundation.postgres import Server
Server({str(folder)!r}, fsync=False, die_with_parent=True).start()
print("runs", flush=True)
time.sleep(60)
"""
    launcher = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert launcher.stdout
    assert launcher.stdout.readline() == b"runs\n"
    postmaster = pid(server)
    launcher.kill()
    launcher.communicate()
    dies = sys.platform.startswith("linux")  # elsewhere the next start attaches to it
    assert until(lambda: not remains.is_alive(postmaster), PATIENCE if dies else 0.1) == dies


def test_a_refusal_to_start_shows_the_servers_last_lines(folder: Path, server: Server) -> None:
    server.stop()
    settings = (folder / "data").resolve() / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("no_such_setting = 1\n")
    with pytest.raises(PostgresError, match=r"ended at once(?s:.*)no_such_setting"):
        Server(folder).start()
    settings.write_text(before)
    server.start()
    assert one(server, "SELECT 1") == 1


def test_data_of_another_version_are_not_touched(folder: Path, server: Server) -> None:
    server.stop()
    path = (folder / "data").resolve() / "PG_VERSION"
    before = path.read_text()
    path.write_text("9\n")
    with pytest.raises(PostgresError, match="made by PostgreSQL 9, and its programs are not here"):
        Server(folder).start()
    path.write_text(before)


def test_without_any_programs_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "list_folders", list)
    binaries.find_programs.cache_clear()
    with pytest.raises(PostgresError, match="install PostgreSQL, or set DATABASE_URL"):
        Server(tmp_path / "postgres").start()
    binaries.find_programs.cache_clear()
