"""Opening a library: what is one, what is not, and that neither comes to harm."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest
import sqlite_vec
from making import bytes_around, document, embed_all, put

from engine.errors import (
    LibraryError,
    LibraryLockedError,
    LibraryTooNewError,
    NotALibraryError,
    StorageError,
)
from engine.store import Store, connection, conversation_words, schema
from tests.engine.test_comparisons_kept import before_adapters

SECRET = "The verdict mentions Ljubljana and fourteen crates."


def filled(path: Path, passphrase: str | None = None) -> None:
    store = Store(path, passphrase)
    put(store, "verdict.txt", document(SECRET, *(f"Page {n} of many." * 40 for n in range(60))))
    embed_all(store)
    store.close()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def beside(path: Path) -> set[str]:
    return {file.name for file in path.parent.iterdir()}


@pytest.mark.parametrize("passphrase", [None, "correct horse", "o'b\"ri;en -- ключ 🗝"])
def test_what_was_stored_is_there_again(library_path: Path, passphrase: str | None) -> None:
    filled(library_path, passphrase)
    store = Store(library_path, passphrase)
    try:
        assert store.encrypted == (passphrase is not None)
        (entry,) = store.documents.ledger()
        assert (entry.path, entry.pages, entry.embedded) == ("verdict.txt", 61, 61)
        assert store.documents.page(entry.document_id, 1).text == SECRET
        assert store.check() == []
    finally:
        store.close()
    assert beside(library_path) == {library_path.name}


def test_a_plain_library_is_readable_bytes(library_path: Path) -> None:
    filled(library_path)
    assert SECRET.encode() in bytes_around(library_path)


def test_an_encrypted_library_shows_nothing(library_path: Path) -> None:
    filled(library_path, "correct horse")
    store = Store(library_path, "correct horse")
    put(store, "second.txt", document(f"Again: {SECRET}"))
    assert Path(f"{library_path}-wal").stat().st_size > 0
    seen = bytes_around(library_path)
    store.close()
    for text in (SECRET, "verdict", "Ljubljana", "SQLite format 3", "CREATE TABLE", "/documents"):
        assert text.encode() not in seen, text


@pytest.mark.parametrize("passphrase", [None, "", "wrong", "correct horse "])
def test_without_the_passphrase_it_stays_shut(library_path: Path, passphrase: str | None) -> None:
    filled(library_path, "correct horse")
    before = digest(library_path)
    with pytest.raises(LibraryLockedError, match="passphrase"):
        Store(library_path, passphrase)
    assert digest(library_path) == before
    assert beside(library_path) == {library_path.name}


def test_a_plain_library_wants_no_passphrase(library_path: Path) -> None:
    filled(library_path)
    with pytest.raises(LibraryLockedError, match="not encrypted"):
        Store(library_path, "correct horse")


@pytest.mark.parametrize(
    "content",
    [
        b"Dear diary, " * 100,
        b"short",
        b"SQLite format 3\x00",
        b"SQLite format 3\x00" + b"\xff" * 5000,
        bytes(range(256)) * 40,
        b"%PDF-1.7\n" + b"\0" * 5000,
    ],
)
@pytest.mark.parametrize("passphrase", [None, "secret"])
def test_other_files_are_left_alone(
    library_path: Path, content: bytes, passphrase: str | None
) -> None:
    library_path.write_bytes(content)
    with pytest.raises(LibraryError) as raised:
        Store(library_path, passphrase)
    assert library_path.name in str(raised.value)
    assert library_path.read_bytes() == content
    assert beside(library_path) == {library_path.name}


def test_another_programs_database_is_left_alone(library_path: Path) -> None:
    other = apsw.Connection(str(library_path))
    other.execute("PRAGMA journal_mode = WAL").fetchall()
    other.execute("CREATE TABLE recipes(name); PRAGMA user_version = 1")
    other.close()
    before = digest(library_path)
    with pytest.raises(NotALibraryError, match="another program"):
        Store(library_path)
    assert digest(library_path) == before
    assert beside(library_path) == {library_path.name}


def test_things_that_are_no_files(tmp_path: Path) -> None:
    folder = tmp_path / "Folder.carrel"
    folder.mkdir()
    pipe = tmp_path / "Pipe.carrel"
    os.mkfifo(pipe)
    for path in (folder, pipe):
        with pytest.raises(NotALibraryError, match="is not a file"):
            Store(path)
    with pytest.raises(StorageError, match="does not exist"):
        Store(tmp_path / "nowhere" / "Matter.carrel")
    with pytest.raises(StorageError):
        Store(folder / ("x" * 300))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "S.carrel"))
        with pytest.raises(NotALibraryError, match="is not a file"):
            Store(tmp_path / "S.carrel")


def test_an_empty_file_becomes_a_library(library_path: Path) -> None:
    library_path.touch()
    store = Store(library_path, "secret")
    assert store.check() == []
    store.close()
    assert b"SQLite format" not in library_path.read_bytes()


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
@pytest.mark.parametrize("share", [0.0005, 0.01, 0.1, 0.5, 0.9, 0.9999])
def test_a_library_cut_short(library_path: Path, share: float, passphrase: str | None) -> None:
    filled(library_path, passphrase)
    size = library_path.stat().st_size
    with library_path.open("r+b") as file:
        file.truncate(int(size * share))
    before = digest(library_path)
    with pytest.raises(LibraryError):
        Store(library_path, passphrase)
    assert digest(library_path) == before


@pytest.fixture
def immutable(library_path: Path) -> Iterator[Path]:
    """A library that not even root can write to."""
    filled(library_path)
    chattr = shutil.which("chattr")
    if chattr is None or subprocess.run([chattr, "+i", library_path], check=False).returncode:
        pytest.skip("this file system has no immutable files")
    yield library_path
    subprocess.run([chattr, "-i", library_path], check=True)


def test_a_read_only_library_says_so(immutable: Path) -> None:
    before = digest(immutable)
    with pytest.raises(StorageError, match="read-only"):
        Store(immutable)
    assert digest(immutable) == before


def test_a_folder_that_cannot_be_written(
    library_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StorageError, match="may not write"):
        Store(library_path)
    assert not library_path.exists()


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_newer_library_is_refused_unharmed(library_path: Path, passphrase: str | None) -> None:
    filled(library_path, passphrase)
    newer = Store(library_path, passphrase)
    with newer._database.writing() as db:
        db.pragma("user_version", schema.VERSION + 1)
    newer.close()
    before = digest(library_path)
    with pytest.raises(LibraryTooNewError, match="newer Carrel"):
        Store(library_path, passphrase)
    assert digest(library_path) == before
    assert beside(library_path) == {library_path.name}


def test_a_newer_library_with_a_log_keeps_both(library_path: Path, tmp_path: Path) -> None:
    """As a killed newer Carrel leaves it: what is in the log must not be moved by an older one."""
    store = Store(library_path)
    put(store, "a.txt", document("In the log only."))
    with store._database.writing() as db:
        db.pragma("user_version", schema.VERSION + 1)
    copy = tmp_path / "copy" / "Matter.carrel"
    copy.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{library_path}{suffix}", f"{copy}{suffix}")
    store.close()
    before = digest(copy), digest(Path(f"{copy}-wal"))
    with pytest.raises(LibraryTooNewError):
        Store(copy)
    assert (digest(copy), digest(Path(f"{copy}-wal"))) == before


def with_a_second_step(monkeypatch: pytest.MonkeyPatch, step: schema.Step) -> None:
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setattr(schema.upgrade, "__defaults__", (schema.STEPS,))


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_failing_step_changes_nothing(
    library_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str | None
) -> None:
    def failing(db: apsw.Connection) -> None:
        db.execute("CREATE TABLE half(done)")
        db.execute("DELETE FROM vectors_1")
        raise apsw.FullError("full")

    filled(library_path, passphrase)
    with monkeypatch.context() as patch:
        with_a_second_step(patch, failing)
        with pytest.raises(StorageError, match="full"):
            Store(library_path, passphrase)
    store = Store(library_path, passphrase)
    assert len(store.documents.ledger()) == 1
    assert store.check() == []
    store.close()


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_backup_is_made_before_a_step(
    library_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str | None
) -> None:
    filled(library_path, passphrase)
    with monkeypatch.context() as patch:
        with_a_second_step(patch, lambda db: db.execute("DROP TABLE removals"))
        Store(library_path, passphrase).close()
    backup = library_path.with_name(f"{library_path.name}.backup-v{schema.VERSION}")
    assert beside(library_path) == {library_path.name, backup.name}
    assert (SECRET.encode() in backup.read_bytes()) == (passphrase is None)
    with pytest.raises(LibraryTooNewError):
        Store(library_path, passphrase)
    store = Store(backup, passphrase)
    assert store.documents.page(store.documents.ledger()[0].document_id, 1).text == SECRET
    assert store.check() == []
    store.close()


def test_a_library_of_the_first_version_keeps_what_cannot_be_read_again(
    library_path: Path,
) -> None:
    first = apsw.Connection(str(library_path))
    schema.STEPS[0](first)
    first.pragma("application_id", schema.APPLICATION_ID)
    first.pragma("user_version", 1)
    first.enable_load_extension(True)
    first.load_extension(sqlite_vec.loadable_path())
    first.execute(
        "INSERT INTO folders(path, added) VALUES ('/documents', 1.0);"
        "INSERT INTO documents VALUES (7, 1, 'a.txt', 'A', 'text', 'indexed', '', 1, 1, 'd', 1, 1,"
        " 1, 0, 0, 1);"
        "INSERT INTO pages VALUES (1, 7, 1, '1', 'text', '', 0, 0, 'the old text', x'90', x'');"
        "INSERT INTO embedders VALUES (1, 'f', 'fake', 4);"
        "INSERT INTO passages VALUES (1, 7, 1, 0, 12, '', 1);"
        "INSERT INTO keywords(rowid, title, heading, body) VALUES (1, 'A', '', 'the old text');"
        "CREATE VIRTUAL TABLE vectors_1 USING vec0("
        "passage_id INTEGER PRIMARY KEY, embedding float[4]);"
        "INSERT INTO vectors_1 VALUES (1, '[1, 0, 0, 0]');"
        "INSERT INTO conversations VALUES (1, 'Kept', 1.0, 1.0);"
    )
    first.close()
    store = Store(library_path)
    assert [folder.path for folder in store.documents.folders()] == ["/documents"]
    assert [conversation.title for conversation in store.conversations.all()] == ["Kept"]
    assert store.documents.ledger() == []
    assert store.check() == []
    assert put(store, "a.txt", document("the text")) > 7  # old citations name the old one
    assert store.keywords.pages('"text"', 10) != []
    store.close()
    assert library_path.with_name(f"{library_path.name}.backup-v1").exists()


OLD_ANSWER = """{"question":"Wer haftet für die Miete?","quotes":[1],"text":"Der Mieter haftet.",
"claims":[{"text":"Der Mieter haftet.","start":0,"end":18,"support":"supported","citations":[1]}],
"citations":[{"n":1,"document_id":7,"document":"leases/Nord.pdf","title":"Mietvertrag","page":2,
"label":"2","start":0,"end":9,"quote":"Schuldner","boxes":[[1.0,2.0,3.0,4.0]]}],"refused":false,
"reason":"","stopped":false,"notice":"","model":"m","adapter":"","timings":{"retrieve_ms":1.0,
"first_token_ms":2.0,"total_ms":3.0,"prompt_tokens":4,"output_tokens":5,"tokens_per_s":6.0}}"""


def before_attachments(db: apsw.Connection) -> None:
    """Take back what the fourth step did, and the fifth."""
    before_adapters(db)
    db.execute(
        "DROP INDEX documents_by_parent;"
        "DROP TABLE passphrases;"
        "ALTER TABLE folders DROP COLUMN away;"
        "ALTER TABLE documents DROP COLUMN parent_id;"
        "ALTER TABLE documents DROP COLUMN attachments;"
        "ALTER TABLE removals DROP COLUMN embedder_id;"
        "ALTER TABLE removals DROP COLUMN seq;"
    )
    db.pragma("user_version", 3)


def of_the_second_version(path: Path, passphrase: str | None = None) -> None:
    """As the second version left it: a document with its vectors, a conversation."""
    filled(path, passphrase)
    store = Store(path, passphrase)
    with store._database.writing() as db:
        before_attachments(db)
        db.execute(
            "DROP TABLE conversation_words;"
            "ALTER TABLE pages DROP COLUMN hidden;"
            "ALTER TABLE conversations DROP COLUMN deleted;"
            "ALTER TABLE turns DROP COLUMN deleted;"
            "INSERT INTO conversations VALUES (4, 'Haftung', 1.0, 2.0);"
        )
        db.execute("INSERT INTO turns VALUES (9, 4, 2.0, ?)", (OLD_ANSWER,))
        db.pragma("user_version", 2)
    store.close()


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_library_of_the_second_version_keeps_everything(
    library_path: Path, passphrase: str | None
) -> None:
    of_the_second_version(library_path, passphrase)
    store = Store(library_path, passphrase)
    (entry,) = store.documents.ledger()
    assert (entry.pages, entry.embedded) == (61, 61)
    assert store.documents.page(entry.document_id, 1).text == SECRET
    assert store.keywords.pages('"ljubljana"', 10) != []
    (talk,) = store.conversations.all()
    assert (talk.id, talk.title, talk.updated) == (4, "Haftung", 2.0)
    (answer,) = store.conversations.turns(4)
    assert answer.citations[0].boxes == ((1.0, 2.0, 3.0, 4.0),)
    assert (answer.searched, answer.context, answer.provenance) == ("", None, None)
    with store._database.reading() as db:
        assert connection.select(
            db, "SELECT rowid FROM conversation_words('mieter AND documents: nord')"
        ) == [(4,)]
        assert connection.count(db, "SELECT count(*) FROM pages WHERE hidden = x''") == 61
    assert store.check() == []
    store.close()
    backup = library_path.with_name(f"{library_path.name}.backup-v2")
    assert beside(library_path) == {library_path.name, backup.name}
    assert (SECRET.encode() in backup.read_bytes()) == (passphrase is None)


def test_a_third_step_that_fails_changes_nothing(
    library_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up while the conversations are being indexed."""

    def full(db: apsw.Connection, conversation_id: int) -> None:
        raise apsw.FullError("full")

    of_the_second_version(library_path)
    with monkeypatch.context() as patch:
        patch.setattr(conversation_words, "put", full)
        with pytest.raises(StorageError, match="full"):
            Store(library_path)
    unchanged = apsw.Connection(str(library_path))
    assert unchanged.pragma("user_version") == 2
    assert unchanged.execute("SELECT count(*) FROM turns").get == 1
    names = str(unchanged.execute("SELECT name FROM sqlite_schema").fetchall())
    assert "conversation_words" not in names
    with pytest.raises(apsw.SQLError, match="hidden"):
        unchanged.execute("SELECT hidden FROM pages")
    unchanged.close()
    store = Store(library_path)
    assert [talk.id for talk in store.conversations.all()] == [4]
    assert store.check() == []
    store.close()


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_library_of_the_third_version_keeps_everything(
    library_path: Path, passphrase: str | None
) -> None:
    filled(library_path, passphrase)
    store = Store(library_path, passphrase)
    with store._database.writing() as db:
        before_attachments(db)
    store.close()
    store = Store(library_path, passphrase)
    (entry,) = store.documents.ledger()
    assert (entry.pages, entry.embedded) == (61, 61)
    assert (entry.parent_id, entry.available) == (None, True)
    (known,) = store.documents.known(1).values()
    assert known.attachments == ()
    assert store.check() == []
    store.close()
    backup = library_path.with_name(f"{library_path.name}.backup-v3")
    assert beside(library_path) == {library_path.name, backup.name}


def test_a_full_disk_loses_nothing(library_path: Path) -> None:
    store = Store(library_path)
    put(store, "kept.txt", document("Kept."))
    writer = store._database._writer
    pages = int(writer.pragma("page_count"))
    writer.pragma("max_page_count", pages + 2)
    with pytest.raises(StorageError, match="full"):
        put(store, "large.txt", document(*(f"Much text {n} " * 100 for n in range(100))))
    assert [entry.path for entry in store.documents.ledger()] == ["kept.txt"]
    assert store.check() == []
    writer.pragma("max_page_count", 1_000_000)
    put(store, "large.txt", document(*(f"Much text {n} " * 100 for n in range(100))))
    assert len(store.documents.ledger()) == 2
    assert store.check() == []
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, check=False, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("this user cannot mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_really_is_full(small_disk: Path) -> None:
    path = small_disk / "Matter.carrel"
    store = Store(path)
    stored: list[str] = []

    def fill() -> None:
        while len(stored) < 200:
            number = len(stored)
            put(store, f"{number}.txt", document(*(os.urandom(3000).hex() for _ in range(5))))
            stored.append(f"{number}.txt")

    with pytest.raises(StorageError, match="full"):
        fill()
    assert stored
    assert sorted(entry.path for entry in store.documents.ledger()) == sorted(stored)
    store.close()
    again = Store(path)
    assert sorted(entry.path for entry in again.documents.ledger()) == sorted(stored)
    assert again.check() == []
    again.close()


def test_readers_go_on_while_one_writes(store: Store) -> None:
    """Every reader sees whole documents only: two pages, or none."""
    stop = threading.Event()
    seen: list[tuple[int, int]] = []
    errors: list[BaseException] = []

    def look() -> None:
        try:
            while not stop.is_set():
                with store._database.reading() as db:
                    documents = connection.count(db, "SELECT count(*) FROM documents")
                    pages = connection.count(db, "SELECT count(*) FROM pages")
                seen.append((documents, pages))
                time.sleep(0.001)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=look, daemon=True) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in range(60):
        put(store, f"{number % 20}.txt", document(f"One {number}.", f"Two {number}."))
    stop.set()
    for thread in threads:
        thread.join(10)
    assert not errors
    assert len({documents for documents, _ in seen}) > 3
    assert all(pages == 2 * documents for documents, pages in seen)


def test_closing_under_readers_ends_them_with_a_sentence(library_path: Path) -> None:
    store = Store(library_path)
    put(store, "a.txt", document("Some text."))
    errors: list[BaseException] = []

    def look() -> None:
        try:
            while True:
                store.documents.ledger()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=look, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    store.close()
    for thread in threads:
        thread.join(5)
    assert [type(error) for error in errors] == [LibraryError] * 8
    assert {str(error) for error in errors} == {"The library is closed."}
    with pytest.raises(LibraryError, match="closed"):
        put(store, "b.txt", document("More."))
    store.close()


def test_an_empty_passphrase_makes_no_library(library_path: Path) -> None:
    with pytest.raises(LibraryLockedError, match="empty"):
        Store(library_path, "")
    assert not library_path.exists()


def test_several_may_make_the_same_library_at_once(library_path: Path) -> None:
    for _ in range(5):
        with ThreadPoolExecutor(3) as pool:
            stores = list(pool.map(Store, [library_path] * 3))
        for store in stores:
            assert store.check() == []
            store.close()
        for file in library_path.parent.glob(library_path.name + "*"):
            file.unlink()


def test_one_that_is_made_while_another_looks_at_it_is_no_strange_database(
    library_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = apsw.Connection(str(library_path))
    begun.execute("PRAGMA journal_mode = WAL")  # as far as the one that makes it had got
    begun.close()
    connect = connection.Database._connect
    made: list[Store] = []

    def looking(database: connection.Database, *args: object, **options: object) -> apsw.Connection:
        opened = connect(database, *args, **options)  # type: ignore[arg-type]

        def before(_cursor: object, statement: str, _values: object) -> bool:
            if "sqlite_schema" in statement and not made:
                monkeypatch.setattr(connection.Database, "_connect", connect)
                made.append(Store(library_path))
            return True

        opened.exec_trace = before
        return opened

    monkeypatch.setattr(connection.Database, "_connect", looking)
    second = Store(library_path)
    assert len(made) == 1
    assert second.check() == []
    for store in (second, *made):
        store.close()
