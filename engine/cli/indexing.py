"""``carrel index`` and ``carrel status``."""

from __future__ import annotations

import argparse
import sys

from tqdm import tqdm

from engine.cli import output
from engine.library import Library
from engine.records import IndexProgress, Stage
from engine.workers import CancelToken

_INTERRUPTED = 130


def index(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    followed = [library.add_folder(folder) for folder in options.folders]
    current = {folder.id: folder for folder in library.folders()}
    folders = [folder for folder in dict.fromkeys(followed) if folder.id in current]
    with _ProgressBar() as bar:
        report = library.index(
            folders=folders, embed=not options.no_embed, on_progress=bar.show, cancel=cancel
        )
    status = library.status()
    if options.json:
        output.print_json(output.report_json(report, status))
    else:
        print(
            f"{report.files_read:,} files read, {report.files_unchanged:,} unchanged, "
            f"{report.files_moved:,} moved, {report.files_removed:,} gone; "
            f"{report.pages:,} pages, {report.passages:,} passages, {report.embedded:,} vectors "
            f"in {sum(report.seconds.values()):.1f} s"
        )
        if report.files_not_read:
            print(f"{report.files_not_read:,} files could not be read; see: carrel status")
    for problem in report.problems:
        print(f"carrel: {problem}", file=sys.stderr)
    if report.cancelled:
        print("carrel: Stopped. What was read is kept; run it again to go on.", file=sys.stderr)
        return _INTERRUPTED
    return 1 if report.problems else 0


def status(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    ledger = library.ledger()
    if options.json:
        output.print_json(output.status_json(library.status(), ledger))
    else:
        print(output.status_text(library.status(), ledger))
    return 0


class _ProgressBar:
    """What is going on, on standard error; in a log it is a line every few seconds."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None
        self._stage = Stage.SCANNING

    def __enter__(self) -> _ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def show(self, progress: IndexProgress) -> None:
        if progress.stage is not self._stage:
            self._close()
            self._stage = progress.stage
            if progress.stage is Stage.READING and progress.files_total:
                self._bar = self._open(progress.files_total, "Reading", "files")
            elif progress.stage is Stage.EMBEDDING:
                self._bar = self._open(progress.passages_to_embed, "Embedding", "passages")
        if self._bar is None:
            return
        if progress.stage is Stage.READING:
            self._bar.total = progress.files_total  # attachments come to it
            self._bar.set_postfix_str(f"{progress.pages_done:,} pages", refresh=False)
            self._bar.update(progress.files_done - self._bar.n)
        else:
            self._bar.set_postfix_str(progress.current, refresh=bool(progress.current))
            self._bar.update(progress.passages_embedded - self._bar.n)

    def _open(self, total: int, what: str, unit: str) -> tqdm[None]:
        pause = 0.2 if sys.stderr.isatty() else 5.0
        return tqdm(total=total, desc=what, unit=f" {unit}", mininterval=pause)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
