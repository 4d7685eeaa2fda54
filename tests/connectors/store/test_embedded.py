"""What only the embedded store can do wrong: its folder, its process, its disk."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

from manumit.connectors.store.embedded import EmbeddedStore
from manumit.connectors.store.engine import Engine
from manumit.connectors.store.opening import open_store
from manumit.schemas.errors import ConfigError
from tests.connectors.store.conftest import program
from tests.connectors.store.records import alert
from tests.connectors.store.writer import ROWS, batch
from tests.servers import REPOSITORY


def ids_in(folder: Path) -> set[str]:
    with closing(open_store(f"embedded:{folder}")) as store:
        return {row["alert_id"] for row in store.query("select alert_id from alerts final")}


def run_script(script: str, *, cwd: Path) -> str:
    """What a script printed; it may take a minute and must succeed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_rows_are_there_after_reopening(tmp_path: Path) -> None:
    for number in (1, 2):
        with closing(open_store(f"embedded:{tmp_path / 'store'}")) as store:
            store.migrate()
            store.write("alerts", [alert(number)])
    assert ids_in(tmp_path / "store") == {alert(1).alert_id, alert(2).alert_id}


def test_no_acknowledged_row_is_lost_to_kill_9(tmp_path: Path) -> None:
    first = 0
    for kill_after in (3, 8, 15):
        with program("tests.connectors.store.writer", f"embedded:{tmp_path}", str(first)) as writer:
            assert writer.stdout is not None
            acknowledged = [int(writer.stdout.readline()) for _ in range(kill_after)]
            writer.kill()
            acknowledged += [int(line) for line in writer.stdout.read().split()]
        found = ids_in(tmp_path)
        expected = {alert(i).alert_id for b in range(acknowledged[-1] + 1) for i in batch(b)}
        assert expected <= found
        # the batch under way is there whole, or not at all
        assert len(found - expected) in (0, ROWS)
        first = acknowledged[-1] + 1


def test_another_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with program("tests.connectors.store.writer", f"embedded:{tmp_path}", "0") as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(ConfigError, match=rf"is in use by another process \(pid {writer.pid}\)"):
            open_store(f"embedded:{tmp_path}")
    open_store(f"embedded:{tmp_path}").close()


def test_one_folder_a_process_and_the_next_after_closing(tmp_path: Path) -> None:
    first = open_store(f"embedded:{tmp_path / 'one'}")
    with pytest.raises(ConfigError, match="another embedded store open"):
        open_store(f"embedded:{tmp_path / 'two'}")
    with pytest.raises(ConfigError, match="already open in this process"):
        open_store(f"embedded:{tmp_path / 'one'}")
    assert first.query("select 1 as one") == [{"one": 1}]
    first.close()
    with closing(open_store(f"embedded:{tmp_path / 'two'}")) as second:
        assert second.query("select 2 as two") == [{"two": 2}]


def test_a_forked_child_is_refused_at_once(tmp_path: Path) -> None:
    """chDB itself would hang there."""
    printed = run_script(
        f"""
        import os, signal
        from manumit.connectors.store.opening import open_store
        from manumit.schemas.errors import Broken
        store = open_store("embedded:{tmp_path / "store"}")
        store.query("select 1")
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            try:
                store.query("select 1")
            except Broken as error:
                print(error, flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        print(store.query("select 1 as one"))
        store.close()
        """,
        cwd=tmp_path,
    )
    assert "does not work in a forked process" in printed
    assert "[{'one': 1}]" in printed


def test_a_config_file_in_the_working_directory_is_not_obeyed(tmp_path: Path) -> None:
    """chDB would read it on import and on start: here it would write a log."""
    trap = f"<clickhouse><logger><level>trace</level><log>{tmp_path / 'stray.log'}</log></logger></clickhouse>"
    (tmp_path / "config.xml").write_text(trap)
    printed = run_script(
        f"""
        import os
        from manumit.connectors.store.opening import open_store
        store = open_store("embedded:{tmp_path / "store"}")
        print(store.query("select 1 as one"), os.getcwd())
        store.close()
        """,
        cwd=tmp_path,
    )
    assert printed == f"[{{'one': 1}}] {tmp_path}\n"
    assert not (tmp_path / "stray.log").exists()


def test_a_config_file_in_the_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "config.xml").write_text("<clickhouse/>")
    with pytest.raises(ConfigError, match=r"config\.xml would configure the embedded store: remove it"):
        open_store(f"embedded:{tmp_path}")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="store cannot be used: Not a directory"):
        open_store(f"embedded:{tmp_path / 'file' / 'store'}")


def test_only_the_owner_may_enter_the_folder(tmp_path: Path) -> None:
    open_store(f"embedded:{tmp_path / 'store'}").close()
    assert (tmp_path / "store").stat().st_mode & 0o077 == 0


def test_every_table_is_flushed_before_a_write_returns(tmp_path: Path) -> None:
    with closing(EmbeddedStore(Engine(tmp_path))) as store:
        store.migrate()
        lax = "select name from system.tables where database = 'manumit' and create_table_query not like {p:String}"
        assert store.query(lax, {"p": "%fsync_after_insert = 1, fsync_part_directory = 1%"}) == []


@pytest.mark.parametrize("url", ["", "embedded", "embedded:", "sqlite:///x", "http://localhost:8123", "/var/store"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="write embedded:FOLDER or clickhouse://"):
        open_store(url)
