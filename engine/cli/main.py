"""Arguments, the library they name, and the exit status."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import NoReturn

from engine.answers import Length
from engine.cli import (
    adapters,
    asking,
    comparing,
    conversations,
    exporting,
    indexing,
    models,
    searching,
    summarising,
    training,
)
from engine.errors import CancelledError, CarrelError
from engine.library import Library
from engine.models.catalogue import Catalogue
from engine.passphrase import read_passphrase
from engine.paths import default_library
from engine.records import SearchMode
from engine.settings import SettingsFile
from engine.workers import CancelToken

SUBCOMMANDS = frozenset(
    {
        "index",
        "status",
        "search",
        "ask",
        "summarise",
        "survey",
        "compare",
        "conversations",
        "export",
        "check-record",
        "models",
        "adapters",
        "self-test",
    }
)
_INTERRUPTED = 130


def main(
    arguments: Sequence[str] | None = None,
    *,
    more_checks: Mapping[str, Callable[[], str]] | None = None,
) -> int:
    """Run a subcommand; its exit status. ``more_checks`` are added to ``self-test``: each
    returns what it found or raises."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    options = _parser().parse_args(
        arguments, argparse.Namespace(library=None, passphrase_file=None)
    )
    cancel = CancelToken()
    try:
        # nothing is lost by leaving a batch at once, and it may be waiting for its next line
        with _interrupts(cancel, at_once=getattr(options, "batch", False)):
            if options.command == "self-test":
                from engine.cli import self_test

                return self_test.run(more_checks or {})
            return _run(options, cancel)
    except (CancelledError, KeyboardInterrupt):
        return _fail("Stopped. What was done is kept.", _INTERRUPTED)
    except BrokenPipeError:
        # whoever read our output has gone; nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except CarrelError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))


def _run(options: argparse.Namespace, cancel: CancelToken) -> int:
    if options.command == "adapters":  # these belong to no library
        status: int = options.run(options, cancel)
        return status
    settings = SettingsFile()
    path = options.library or Path(settings.load().last_library or default_library())
    if options.command in ("index", "models"):
        if not options.library:
            default_library().parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        raise CarrelError(
            f"There is no library {path}. Make one with: carrel index FOLDER --library {path}"
        )
    file = options.passphrase_file
    library = Library.open(
        path,
        passphrase=None if file is None else read_passphrase(file),
        reranker=settings.load().reranker,
        patience=lambda: settings.load().patience_s,
        ocr=lambda: settings.load().ocr,
        catalogue=Catalogue(settings),
    )
    try:
        with contextlib.suppress(OSError):
            settings.update(last_library=str(path.resolve()))
        status = options.run(library, options, cancel)
    finally:
        library.close()
    return status


def _parser() -> argparse.ArgumentParser:
    common = _OneLineParser(add_help=False)
    common.add_argument(
        "--library",
        type=Path,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="the library file (default: the one last used)",
    )
    common.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="a file that holds the passphrase of an encrypted library",
    )
    parser = _OneLineParser(
        prog="carrel",
        parents=[common],
        description="Ask your own documents, on your own computer. "
        "Without a subcommand the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"carrel {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    index = commands.add_parser("index", parents=[common], help="read folders into the library")
    index.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    index.add_argument("--no-embed", action="store_true", help="keyword search only, for now")
    index.add_argument("--json", action="store_true", help="print the report as JSON")
    index.set_defaults(run=indexing.index)

    status = commands.add_parser("status", parents=[common], help="print the ledger")
    status.add_argument("--json", action="store_true", help="print it as JSON")
    status.set_defaults(run=indexing.status)

    search = commands.add_parser("search", parents=[common], help="find passages")
    search.add_argument("query", nargs="?", metavar="QUERY")
    search.add_argument("--batch", action="store_true", help="queries on standard input, by line")
    search.add_argument("--limit", type=int, default=20, metavar="N", help="hits (20)")
    search.add_argument(
        "--mode", choices=[mode.value for mode in SearchMode], default=SearchMode.HYBRID.value
    )
    _add_document(search)
    search.add_argument("--json", action="store_true", help="print the hits as JSON")
    search.set_defaults(run=searching.search)

    ask = commands.add_parser("ask", parents=[common], help="ask a question")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--batch", action="store_true", help="questions on standard input, by line")
    ask.add_argument(
        "--model", metavar="FILE", help='a GGUF file, or "none" for quotes only (the starter)'
    )
    _add_adapter(ask)
    ask.add_argument("--no-documents", action="store_true", help="ask the model alone")
    _add_document(ask)
    ask.add_argument("--seed", type=int, default=0, metavar="N")
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")
    ask.add_argument(
        "--export", type=Path, metavar="FILE", help="write the answer to a file as well"
    )
    _add_force(ask)
    ask.set_defaults(run=asking.ask)

    summarise = commands.add_parser("summarise", parents=[common], help="say what a document says")
    summarise.add_argument("document", metavar="DOCUMENT", help="its path, or a glob on it")
    summarise.add_argument(
        "--length", choices=[length.value for length in Length], default=Length.MEDIUM.value
    )
    summarise.set_defaults(run=summarising.summarise)
    survey = commands.add_parser(
        "survey", parents=[common], help="say what every document says about something"
    )
    survey.add_argument("question", metavar="QUESTION")
    _add_document(survey)
    survey.set_defaults(run=summarising.survey)
    for each in (summarise, survey):
        each.add_argument(
            "--model", metavar="FILE", help='a GGUF file, or "none" for the documents\' own words'
        )
        each.add_argument("--json", action="store_true", help="print it as JSON")

    compared = commands.add_parser(
        "compare",
        parents=[common],
        help="answer a question in four ways: plain model, adapter, documents, both",
    )
    compared.add_argument("question", nargs="?", metavar="QUESTION")
    compared.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="a table over many: text with one on each line, CSV, or JSONL",
    )
    _add_adapter(compared)
    compared.add_argument("--model", metavar="FILE", help="a GGUF file (the one that answers)")
    _add_document(compared)
    compared.add_argument("--seed", type=int, default=0, metavar="N")
    compared.add_argument("--json", action="store_true", help="print the answers as JSON")
    compared.add_argument(
        "--export", type=Path, metavar="FILE", help="write the comparison to a file as well"
    )
    _add_force(compared)
    compared.set_defaults(run=comparing.compare)

    talks = commands.add_parser("conversations", parents=[common], help="earlier questions")
    talks.add_argument("words", nargs="*", metavar=conversations.WORDS)
    talks.add_argument("--json", action="store_true", help="print them as JSON")
    talks.set_defaults(run=conversations.run)

    _add_exporting(commands, common)
    shown = commands.add_parser("models", parents=[common], help="the models on this computer")
    _add_models(shown, common)
    applied = commands.add_parser(
        "adapters", parents=[common], help="the adapters (LoRA) on this computer"
    )
    _add_adapters(applied, common)
    commands.add_parser(
        "self-test", parents=[common], help="load every part and try it on the sample documents"
    )
    return parser


def _add_models(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    parser.set_defaults(run=models.show)
    what = parser.add_subparsers(metavar="add PATH | use NAME | remove NAME | measure NAME")
    as_json = _OneLineParser(add_help=False)
    as_json.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    shared = [common, as_json]
    add = what.add_parser(
        "add", parents=shared, help="add a GGUF file, or a folder of an embedder or reranker"
    )
    add.add_argument("path", type=Path, metavar="FILE|FOLDER")
    add.add_argument("--copy", action="store_true", help="copy it into Carrel's own folder")
    add.set_defaults(run=models.add)
    use = what.add_parser("use", parents=shared, help="let a model answer, or embed this library")
    use.add_argument(
        "name",
        metavar="NAME",
        help=f'its name, file or folder; "{models.NONE}": the best quotes answer; '
        f'"{models.NO_RERANKER}"',
    )
    use.set_defaults(run=models.use)
    remove = what.add_parser("remove", parents=shared, help="take a model out of the list")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(run=models.remove)
    measure = what.add_parser("measure", parents=shared, help="find out how fast a model runs here")
    measure.add_argument("name", metavar="NAME")
    measure.set_defaults(run=models.measure)


def _add_adapters(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    parser.set_defaults(run=adapters.show, model=None)
    what = parser.add_subparsers(
        metavar="check PATH | convert PATH | add PATH | train EXAMPLES | rename NAME NEW | "
        "remove NAME"
    )
    as_json = _OneLineParser(add_help=False)
    as_json.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    shared = [common, as_json]
    path = _OneLineParser(add_help=False)
    path.add_argument("path", type=Path, metavar="PATH", help="a GGUF, or a PEFT folder or zip")
    path.add_argument(
        "--model", metavar="FILE", help="the GGUF to match it with (the model that answers)"
    )
    check = what.add_parser(
        "check", parents=[*shared, path], help="say what an adapter is, and whether it fits"
    )
    check.set_defaults(run=adapters.check)
    convert = what.add_parser(
        "convert", parents=[*shared, path], help="make a GGUF of a PEFT folder or zip"
    )
    convert.add_argument("--out", type=Path, metavar="FILE", help="(beside it, ending in .gguf)")
    _add_force(convert)
    convert.set_defaults(run=adapters.convert)
    add = what.add_parser("add", parents=[*shared, path], help="add an adapter to the list")
    add.add_argument("--name", default="", metavar="NAME", help="what to call it")
    add.set_defaults(run=adapters.add)
    _add_training(what, shared)
    rename = what.add_parser("rename", parents=shared, help="call an adapter something else")
    rename.add_argument("name", metavar="NAME")
    rename.add_argument("new", metavar="NEW")
    rename.set_defaults(run=adapters.rename)
    remove = what.add_parser("remove", parents=shared, help="take an adapter out of the list")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(run=adapters.remove)


def _add_training(
    what: argparse._SubParsersAction[argparse.ArgumentParser],
    shared: list[argparse.ArgumentParser],
) -> None:
    train = what.add_parser(
        "train", parents=shared, help="make an adapter from a file of examples, on this computer"
    )
    train.add_argument(
        "examples", type=Path, metavar="EXAMPLES", help="JSONL: a prompt and an answer on each line"
    )
    train.add_argument("--name", default="", metavar="NAME", help="what to call the adapter")
    train.add_argument(
        "--model", metavar="FILE", help="the GGUF to make it for (the model that answers)"
    )
    train.add_argument("--check", action="store_true", help="only look through the examples")
    train.add_argument("--epochs", type=int, default=3, metavar="N", help="times to go through (3)")
    train.add_argument("--rank", type=int, default=8, metavar="N", help="size of the adapter (8)")
    train.add_argument("--alpha", type=int, metavar="N", help="(twice the rank)")
    train.add_argument("--learning-rate", type=float, default=1e-3, metavar="X", help="(0.001)")
    train.add_argument("--seed", type=int, default=0, metavar="N")
    train.set_defaults(run=training.train)


def _add_exporting(
    commands: argparse._SubParsersAction[_OneLineParser], common: _OneLineParser
) -> None:
    export = commands.add_parser(
        "export", parents=[common], help="write a conversation to a file, with its sources"
    )
    export.add_argument(
        "conversation",
        metavar="CONVERSATION",
        help=f'its number, or "{exporting.LAST}" for the one used last',
    )
    export.add_argument("--output", "-o", type=Path, required=True, metavar="FILE")
    export.add_argument(
        "--format", choices=exporting.FORMATS, help="(that of the file's name unless told)"
    )
    _add_force(export)
    export.set_defaults(run=exporting.export)

    check = commands.add_parser(
        "check-record", parents=[common], help="compare an exported record with the library"
    )
    check.add_argument("record", type=Path, metavar="FILE")
    check.add_argument(
        "--again", action="store_true", help="ask its questions again and compare the answers"
    )
    check.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="FILE",
        help="a model or adapter it may have used",
    )
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(run=exporting.check_record)


def _add_force(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="overwrite a file of that name")


class _OneLineParser(argparse.ArgumentParser):
    """Wrong arguments are one line as well."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _add_document(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--document", metavar="GLOB", default="", help="only in documents whose path matches"
    )


def _add_adapter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="FILE[:SCALE]",
        help="a GGUF LoRA to apply to the model, at a scale from 0 to 2 (1); several are applied "
        "together",
    )


@contextlib.contextmanager
def _interrupts(cancel: CancelToken, *, at_once: bool) -> Iterator[None]:
    """Ctrl+C (or a polite kill) stops the work where nothing is lost; a second one at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.cancelled or at_once:
            raise KeyboardInterrupt
        cancel.cancel()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _version() -> str:
    try:
        return version("carrel")
    except PackageNotFoundError:
        return "(not installed)"


def _fail(reason: str, status: int = 1) -> int:
    line = " ".join(reason.split())
    print(f"carrel: {line}", file=sys.stderr)
    return status
