"""Connections to one library file: opening it safely, one writer, a few readers.

The file is SQLite through SQLite3 Multiple Ciphers. With a passphrase, the file, its
write-ahead log and its backups are encrypted (ChaCha20-Poly1305); temporary tables never leave
memory, because the library is built with ``TEMP_STORE=2``.
"""

from __future__ import annotations

import contextlib
import os
import queue
import stat
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import sqlite_vec

from engine.errors import (
    CarrelError,
    LibraryError,
    LibraryInUseError,
    LibraryLockedError,
    LibraryTooNewError,
    NotALibraryError,
    StorageError,
)
from engine.store import schema

_PLAIN_HEADER = b"SQLite format 3\x00"
_PAGE_BYTES = 8192  # holds five vectors of 384 dimensions; 4096 would hold two and waste the rest
_CACHE_KIB = 32 * 1024
_BUSY_MS = 10_000
_READERS = 4
_WAIT_S = 0.05
_CLOSE_S = 5.0

Row = tuple[Any, ...]


class Database:
    """One writer connection behind a lock and a small pool of readers, all in WAL mode."""

    def __init__(self, path: Path, passphrase: str | None = None) -> None:
        self.path = path
        if passphrase == "":
            raise LibraryLockedError("The passphrase is empty.")
        self._passphrase = passphrase
        self._write_lock = threading.RLock()
        self._readers: queue.LifoQueue[apsw.Connection] = queue.LifoQueue()
        self._opened: list[apsw.Connection] = []
        self._pool_lock = threading.Lock()
        self._closed = False
        with translated(path):
            existed = _looks_like_a_library(path, self.encrypted)
            if existed:
                self._check_version()
            self._writer = self._connect()
            try:
                self._writer.execute("PRAGMA journal_mode = WAL")
                self._writer.execute("PRAGMA synchronous = NORMAL")
                schema.upgrade(self._writer, self._back_up)
            except BaseException:
                self._writer.close()
                raise

    @property
    def encrypted(self) -> bool:
        return self._passphrase is not None

    @contextlib.contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """One transaction: committed at the end of the block, rolled back on any error."""
        with self._write_lock, translated(self.path):
            if self._closed:
                raise LibraryError("The library is closed.")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                with contextlib.suppress(apsw.Error):
                    self._writer.execute("ROLLBACK")
                raise
            try:
                self._writer.execute("COMMIT")
            except apsw.Error:
                with contextlib.suppress(apsw.Error):
                    self._writer.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """A connection that sees one consistent state for the length of the block."""
        with translated(self.path):
            connection = self._borrow()
            try:
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    with contextlib.suppress(apsw.Error):
                        connection.execute("ROLLBACK")
            finally:
                self._readers.put(connection)

    def check(self) -> list[str]:
        """SQLite's own integrity check; an empty list when all is well."""
        with translated(self.path):
            # FTS5 checks by what its connection last knew of the index, which may be outdated
            fresh = self._connect()
            try:
                rows = [str(row[0]) for row in fresh.execute("PRAGMA integrity_check")]
            finally:
                fresh.close()
        return [] if rows == ["ok"] else rows

    def close(self) -> None:
        """Ends running queries; whoever still wants something hears that it is closed."""
        with self._write_lock:
            with self._pool_lock:
                if self._closed:
                    return
                self._closed = True
                opened = list(self._opened)
            for connection in opened:
                connection.interrupt()
            for _ in opened:
                with contextlib.suppress(apsw.Error, queue.Empty):
                    self._readers.get(timeout=_CLOSE_S).close()
            with contextlib.suppress(apsw.Error):
                self._writer.execute("PRAGMA optimize")
            with contextlib.suppress(apsw.Error):
                self._writer.close()

    # --- opening ----------------------------------------------------------------------------

    def _borrow(self) -> apsw.Connection:
        wait = 0.0
        while True:
            if self._closed:
                raise LibraryError("The library is closed.")
            with contextlib.suppress(queue.Empty):
                return self._readers.get(timeout=wait) if wait else self._readers.get_nowait()
            with self._pool_lock:
                if not self._closed and len(self._opened) < _READERS:
                    connection = self._connect()
                    connection.execute("PRAGMA query_only = 1")
                    self._opened.append(connection)
                    return connection
            wait = _WAIT_S

    def _connect(
        self, path: Path | None = None, flags: int | None = None, page_bytes: int = _PAGE_BYTES
    ) -> apsw.Connection:
        connection = apsw.Connection(
            str(path or self.path),
            flags=flags or (apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE),
        )
        try:
            connection.set_busy_timeout(_BUSY_MS)
            if self._passphrase is not None:
                connection.pragma("cipher", "chacha20")
                connection.pragma("key", self._passphrase)
            connection.pragma("page_size", page_bytes)  # of consequence for a new file only
            connection.pragma("cache_size", -_CACHE_KIB)
            connection.pragma("foreign_keys", 1)
            connection.enable_load_extension(True)
            connection.load_extension(sqlite_vec.loadable_path())
            connection.enable_load_extension(False)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except apsw.NotADBError:
            connection.close()
            if self._passphrase is not None:
                raise LibraryLockedError(
                    f"“{self.path.name}” does not open with this passphrase."
                ) from None
            raise LibraryLockedError(
                f"“{self.path.name}” needs a passphrase, or it is not a Carrel library."
            ) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_version(self) -> None:
        """Look before touching: a file of another program or a newer Carrel stays as it is."""
        connection = self._connect(flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            if self._has_log():  # closing would move it into the file
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            connection.execute("BEGIN")  # one state of it: another Carrel may just be making it
            application = connection.pragma("application_id")
            version = int(connection.pragma("user_version") or 0)
            tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
            connection.execute("COMMIT")
            if application != schema.APPLICATION_ID and tables:
                raise NotALibraryError(
                    f"“{self.path.name}” is a database of another program, not a Carrel library."
                )
            if version > schema.VERSION:
                raise LibraryTooNewError(
                    f"“{self.path.name}” was written by a newer Carrel (library version "
                    f"{version}; this one knows {schema.VERSION}). It was left untouched; "
                    "install the newer Carrel to open it."
                )
            self._check_length(connection)
        finally:
            connection.close()

    def _check_length(self, connection: apsw.Connection) -> None:
        if self._has_log():
            return  # pages may still live there
        expected = int(connection.pragma("page_count")) * int(connection.pragma("page_size"))
        if self.path.stat().st_size < expected:
            raise NotALibraryError(
                f"“{self.path.name}” is cut short ({self.path.stat().st_size:,} of "
                f"{expected:,} bytes). Restore it from a backup."
            )

    def _has_log(self) -> bool:
        log = Path(f"{self.path}-wal")
        return log.exists() and log.stat().st_size > 0

    def _back_up(self, version: int) -> None:
        """A whole copy beside the file, through SQLite's backup and never a plain file copy."""
        target = self.path.with_name(f"{self.path.name}.backup-v{version}")
        target.unlink(missing_ok=True)
        # an encrypted copy must have pages of the same size
        copy = self._connect(target, page_bytes=int(self._writer.pragma("page_size")))
        try:
            with copy.backup("main", self._writer, "main") as backup:
                backup.step()
        finally:
            copy.close()


def _looks_like_a_library(path: Path, encrypted: bool) -> bool:
    """Whether there is a file to open. Raises where it plainly cannot be a library."""
    try:
        info = path.stat()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise StorageError(f"The folder {path.parent} does not exist.") from None
        if not os.access(path.parent, os.W_OK):
            raise StorageError(f"Carrel may not write to the folder {path.parent}.") from None
        return False
    except OSError as error:
        raise StorageError(f"“{path.name}” cannot be opened: {error.strerror}.") from error
    if not stat.S_ISREG(info.st_mode):
        raise NotALibraryError(f"“{path.name}” is not a file.")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StorageError(
            f"“{path.name}” is read-only. Copy it to a folder you may write to and open the copy."
        )
    if info.st_size == 0:
        return False
    with path.open("rb") as file:
        head = file.read(512)
    if encrypted and head.startswith(_PLAIN_HEADER):
        raise LibraryLockedError(f"“{path.name}” is not encrypted; open it without a passphrase.")
    if len(head) < 512:
        raise NotALibraryError(f"“{path.name}” is not a Carrel library.")
    return True


def select(db: apsw.Connection, query: str, values: Sequence[Any] = ()) -> list[Row]:
    """All rows of a query."""
    return db.execute(query, values).fetchall()


def first(db: apsw.Connection, query: str, values: Sequence[Any] = ()) -> Row | None:
    """The first row of a query, if there is one."""
    return db.execute(query, values).fetchone()


def count(db: apsw.Connection, query: str, values: Sequence[Any] = ()) -> int:
    """The one number that a query gives."""
    row = db.execute(query, values).fetchone()
    return int(row[0]) if row else 0


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as sentences for people."""
    try:
        yield
    except CarrelError:
        raise
    except apsw.FullError as error:
        raise StorageError(
            f"The disk that holds “{path.name}” is full. Free some space and try again; "
            "what was done before is kept."
        ) from error
    except (apsw.ReadOnlyError, apsw.PermissionsError) as error:
        raise StorageError(f"“{path.name}” is read-only; Carrel cannot write to it.") from error
    except apsw.BusyError as error:
        raise LibraryInUseError(
            f"“{path.name}” is busy in another program. Try again in a moment."
        ) from error
    except apsw.InterruptError as error:
        raise LibraryError("The library is closed.") from error
    except apsw.NotADBError as error:
        raise NotALibraryError(f"“{path.name}” is not a Carrel library.") from error
    except apsw.CorruptError as error:
        raise NotALibraryError(
            f"“{path.name}” is damaged ({error}). Restore it from a backup, or index the "
            "documents into a new library."
        ) from error
    except (apsw.IOError, apsw.CantOpenError) as error:
        raise StorageError(f"“{path.name}” could not be read or written: {error}.") from error
