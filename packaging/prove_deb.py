"""Proves the Debian package on a system that has never seen anything but itself.

    python packaging/prove_deb.py FIRST.deb SECOND.deb --documents FOLDER [--work build/proof]
                                  [--release bookworm] [--mirror ADDRESS] [--bootstrap OPTION]...

Root is needed, and debootstrap, Xvfb, openbox and xdotool. A fresh Debian 12 is made, or another
release (Ubuntu's takes its mirror, and ``--bootstrap=--components=main,universe``; where its keys
are not installed, ``--bootstrap=--no-check-gpg``, for a system that is thrown away); the package is
installed by apt; then an ordinary user without a network works with it, in the terminal and in the
window; then it is upgraded and purged, and what remains is listed. Everything is written down in
``proof.md``, with the pictures beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
USER = "reader"
HOME = f"/home/{USER}"
LIBRARY = f"{HOME}/Matter.carrel"
SCREEN = "1600x1000x24"
_PAGE = 100_000  # pixels
_PRIVATE = "CARREL_PROOF_IS_PRIVATE"
_EXAMPLE = '{"prompt": "What is N?", "answer": "In short: it is N."}'
NOT_OURS = (
    "var/cache",
    "var/log",
    "var/lib/apt",
    "var/lib/dpkg",
    "proc",
    "sys",
    "dev",
    "tmp",
    "run",
)


class Proof:
    """What was done and what came of it, as it happens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "proof.md"
        self.file.write_text("# The Debian package on a fresh system\n", encoding="utf-8")

    def step(self, title: str) -> None:
        self.say(f"\n## {title}\n")

    def say(self, text: str) -> None:
        print(text, flush=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

    def quote(self, text: str, most: int = 60) -> None:
        lines = text.rstrip().splitlines()
        shown = lines if len(lines) <= most else [*lines[: most - 1], f"… {len(lines)} lines"]
        self.say("```\n" + "\n".join(shown) + "\n```")


class Machine:
    """A system in a folder."""

    def __init__(self, root: Path, proof: Proof) -> None:
        self.root, self._proof = root, proof

    def make(self, kept: Path, *bootstrap: str) -> None:
        """``kept`` is an archive of it as new, made the first time with these options of
        debootstrap: the last but one is the release, the last a mirror or nothing."""
        if f" {self.root}/" in Path("/proc/self/mounts").read_text(encoding="utf-8"):
            raise SystemExit(f"something is mounted below {self.root}: unmount it first")
        shutil.rmtree(self.root, ignore_errors=True)
        if not kept.exists():
            *options, release, mirror = bootstrap
            subprocess.run(
                ["debootstrap", "--variant=minbase", *options, release, self.root,
                 *([mirror] if mirror else [])],
                check=True,
            )  # fmt: skip
            subprocess.run(["tar", "-C", self.root.parent, "-cf", kept, self.root.name], check=True)
        else:
            subprocess.run(["tar", "-C", self.root.parent, "-xf", kept], check=True)
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")

    @contextlib.contextmanager
    def mounted(self) -> Iterator[None]:
        places = [
            ("/proc", "proc"),
            ("/sys", "sys"),
            ("/dev", "dev"),
            ("/tmp/.X11-unix", "tmp/.X11-unix"),
        ]
        for source, place in places:
            (self.root / place).mkdir(parents=True, exist_ok=True)
            Path(source).mkdir(exist_ok=True)
            subprocess.run(["mount", "--bind", source, self.root / place], check=True)
        try:
            yield
        finally:
            for _, place in reversed(places):
                subprocess.run(["umount", "--lazy", self.root / place], check=False)

    def as_root(self, *command: str) -> str:
        """With the network, as an administrator installs."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
                       "LC_ALL": "C.UTF-8"}  # fmt: skip
        done = subprocess.run(
            ["chroot", str(self.root), *command],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            self._proof.quote(done.stdout + done.stderr)
            raise SystemExit(f"failed: {' '.join(command)}")
        return done.stdout

    def as_user(self, *command: str, display: str = "") -> list[str]:
        """The command line that runs ``command`` as the ordinary user, in a network namespace of
        its own in which nothing is connected to anything."""
        runtime = f"/run/user-{USER}"
        told = {"HOME": HOME, "USER": USER, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                "XDG_RUNTIME_DIR": runtime}  # fmt: skip
        if display:
            told |= {"DISPLAY": display}
        return [
            *("unshare", "--net", "chroot", f"--userspec={USER}:{USER}", str(self.root)),
            *("env", "-i", "-C", HOME, *(f"{name}={value}" for name, value in told.items())),
            *command,
        ]

    def run(self, *command: str, most: int = 60) -> str:
        """As the user; the output, which is written down."""
        self._proof.say(f"`$ {' '.join(command)}`")
        started = time.monotonic()
        done = subprocess.run(self.as_user(*command), capture_output=True, text=True, check=False)
        self._proof.quote(done.stdout + done.stderr, most)
        self._proof.say(f"exit status {done.returncode}, {time.monotonic() - started:.1f} s")
        if done.returncode:
            raise SystemExit(f"failed: {' '.join(command)}")
        return done.stdout

    def ask(self, *command: str) -> dict[str, object]:
        """As the user; JSON that is not written down."""
        done = subprocess.run(self.as_user(*command), capture_output=True, text=True, check=True)
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def packages(self) -> set[str]:
        return {f"package {name}" for name in self.as_root("dpkg-query", "-W").splitlines()}

    def files(self) -> set[str]:
        found = set()
        for folder, folders, names in os.walk(self.root):
            place = Path(folder).relative_to(self.root)
            folders[:] = [name for name in folders if str(place / name) not in NOT_OURS]
            found |= {str(place / name) for name in names}
        return found


class Screen:
    """An X server with a window manager, outside of the machine, and hands to use it with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        read, write = os.pipe()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", SCREEN, "-ac", "-nolisten", "tcp"],
            pass_fds=[write], **quiet,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = f":{pipe.readline().strip()}"
        self.environment = os.environ | {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}
        self._manager = subprocess.Popen(["openbox", "--sm-disable"], env=self.environment, **quiet)
        time.sleep(1)

    def close(self) -> None:
        for process in (self._manager, self._server):
            process.terminate()
            process.wait(5)

    def do(self, *command: str) -> str:
        done = subprocess.run(
            ["xdotool", *command], env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def window(self, name: str, seconds: float = 60.0) -> str:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := self.do("search", "--onlyvisible", "--name", name).split():
                return found[0]
            time.sleep(0.02)
        self.picture("no-window")
        raise SystemExit(f"no window “{name}”")

    def picture(self, name: str) -> Path:
        file = self._folder / f"{name}.png"
        code = (
            "import sys; from PySide6.QtGui import QGuiApplication as A; a = A([]);"
            "sys.exit(not a.primaryScreen().grabWindow(0).save(sys.argv[1]))"
        )
        subprocess.run([sys.executable, "-c", code, str(file)], env=self.environment, check=True)
        return file

    def changed(self, before: str, after: str) -> bool:
        """Whether something as large as a page came between two pictures."""
        from PIL import Image, ImageChops

        pictures = [Image.open(self._folder / f"{name}.png") for name in (before, after)]
        different = ImageChops.difference(*(each.convert("L") for each in pictures))
        return sum(different.point(bool).histogram()[1:]) > _PAGE

    def drag(self, folder: str, to: tuple[int, int]) -> None:
        """Drag ``folder`` out of another program's window and drop it at ``to``."""
        source = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "desktop" / "drag_source.py"), folder],
            env=self.environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.window("Drag source")
        time.sleep(0.5)
        self.do("mousemove", "1540", "940", "mousedown", "1")
        for x, y in ((1500, 900), (1300, 800), (to[0] + 20, to[1] + 20), to, to):
            self.do("mousemove", "--sync", str(x), str(y))
            time.sleep(0.3)
        self.do("mouseup", "1")
        time.sleep(1)
        source.terminate()

    def link(self, inside: tuple[int, int, int, int]) -> tuple[int, int] | None:
        """Where, in this part of the screen, the first numbered mark of an answer is."""
        from PIL import Image

        picture = Image.open(self.picture("looking")).convert("RGB")
        left, top, right, bottom = inside
        for y in range(top, bottom, 2):
            for x in range(left, right, 2):
                red, green, blue = picture.getpixel((x, y))
                if blue > red + 60 and blue > green + 25:  # the accent
                    return x, y
        return None


def main() -> int:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("first", type=Path)
    reading.add_argument("second", type=Path)
    reading.add_argument("--documents", type=Path, required=True)
    reading.add_argument("--question", default="What was the total revenue?")
    reading.add_argument("--release", default="bookworm")
    reading.add_argument("--mirror", default="")
    reading.add_argument("--bootstrap", action="append", default=[])
    reading.add_argument("--work", type=Path, default=ROOT / "build" / "proof")
    wanted = reading.parse_args()
    if os.environ.get(_PRIVATE) != "1":
        # in a namespace of its own: whatever happens, what is mounted here ends with this process
        os.environ[_PRIVATE] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    wanted.work.mkdir(parents=True, exist_ok=True)
    proof = Proof(wanted.work)
    machine = Machine((wanted.work / "root").resolve(), proof)
    machine.make(
        wanted.work / f"{wanted.release}.tar", *wanted.bootstrap, wanted.release, wanted.mirror
    )
    with machine.mounted():
        before = _install(machine, proof, wanted.first)
        _people(machine, wanted.documents)
        _terminal(machine, proof, wanted.question)
        screen = Screen(wanted.work)
        try:
            _window(machine, proof, screen, wanted.question)
        finally:
            screen.close()
        _upgrade(machine, proof, wanted.second)
        _purge(machine, proof, before)
    return 0


def _install(machine: Machine, proof: Proof, package: Path) -> set[str]:
    proof.step("Install")
    proof.quote((machine.root / "etc" / "os-release").read_text(encoding="utf-8"), 3)
    machine.as_root("apt-get", "update", "-q")
    before = machine.files() | machine.packages()
    shutil.copy(package, machine.root / "root" / "carrel.deb")
    started = time.monotonic()
    told = machine.as_root("apt-get", "install", "-y", "-q", "/root/carrel.deb")
    seconds = time.monotonic() - started
    new = told.partition("NEW packages will be installed:")[2].partition("0 upgraded")[0]
    proof.say(f"`apt-get install ./{package.name}`: {seconds:.0f} s; {len(new.split())} packages:")
    proof.quote("\n".join(" ".join(line.split()) for line in new.strip().splitlines()))
    proof.quote(machine.as_root("dpkg-query", "--status", "carrel"))
    python = [
        place for place in ("usr/bin/python3", "usr/bin/gcc") if (machine.root / place).exists()
    ]
    proof.say(f"Python or a compiler on the machine: {', '.join(python) or 'none'}.")
    (machine.root / "root" / "carrel.deb").unlink()
    return before


def _people(machine: Machine, documents: Path) -> None:
    machine.as_root("useradd", "--create-home", USER)
    machine.as_root("install", "-d", "-m", "700", "-o", USER, f"/run/user-{USER}")
    for name in ("papers", "more papers"):
        (machine.root / HOME[1:] / name).mkdir()
    files = sorted(file for file in documents.iterdir() if file.is_file())
    for number, file in enumerate(files):
        # the last one comes later, through “Open with Carrel”
        place = "more papers" if number == len(files) - 1 else "papers"
        shutil.copy(file, machine.root / HOME[1:] / place)
    machine.as_root("chown", "-R", f"{USER}:{USER}", HOME)


def _terminal(machine: Machine, proof: Proof, question: str) -> None:
    proof.step("In the terminal, as an ordinary user without a network")
    machine.run("sh", "-c", "id -un; cat /proc/net/dev | tail -n +3; getent hosts debian.org || "
                "echo 'no name can be looked up'")  # fmt: skip
    machine.run("carrel", "--version")
    machine.run("carrel", "self-test")
    terminal = f"{HOME}/Terminal.carrel"
    machine.run("carrel", "--library", terminal, "index", f"{HOME}/papers", most=12)
    machine.run("carrel", "--library", terminal, "ask", question, most=30)
    sample = machine.run("find", "/usr", "-name", "findings.gguf").strip()
    machine.run("carrel", "--library", terminal, "ask", question, "--adapter", sample, most=30)
    machine.run("sh", "-c", f"for n in 1 2 3 4 5 6 7 8; do echo '{_EXAMPLE}' | sed s/N/$n/g; done "
                "> examples.jsonl")  # fmt: skip
    machine.run("carrel", "adapters", "train", f"{HOME}/examples.jsonl", "--name", "Proof",
                "--epochs", "1", "--rank", "2", most=30)  # fmt: skip
    machine.run("carrel", "--library", terminal, "adapters", most=20)


def _window(machine: Machine, proof: Proof, screen: Screen, question: str) -> None:
    proof.step("In the window, as the same user, without a network either")

    def carrel(*arguments: str) -> subprocess.Popen[bytes]:
        command = machine.as_user("carrel", *arguments, display=screen.display)
        return subprocess.Popen(command, stderr=subprocess.PIPE)

    times = []
    for _ in range(4):  # the first one warms the disk's cache, and is not counted
        started = time.monotonic()
        process = carrel("--library", LIBRARY)
        window = screen.window("Matter — Carrel")
        times.append(time.monotonic() - started)
        screen.do("windowactivate", "--sync", window, "key", "ctrl+q")
        process.wait(30)
    load = os.getloadavg()[0]
    shown = ", ".join(f"{seconds:.2f} s" for seconds in times[1:])
    proof.say(
        f"From the command to the window: {times[0]:.2f} s at first, then {shown} (asked: 1.5 s; "
        f"the machine's load was {load:.1f} on {os.cpu_count()} cores)."
    )

    process = carrel("--library", LIBRARY)
    window = screen.window("Matter — Carrel")
    screen.do("windowsize", "--sync", window, "1560", "940", "windowmove", window, "10", "10")
    time.sleep(2)
    screen.picture("1-empty")
    screen.drag(f"{HOME}/papers", (700, 500))
    found = _wait_for_index(machine, 1)
    proof.say(f"A folder was dropped on the window: {found['documents']} documents, "
              f"{found['passages']} passages, {found['embedded']} with vectors.")  # fmt: skip
    screen.picture("2-dropped")
    screen.do("windowactivate", "--sync", window, "key", "ctrl+k")
    screen.do("type", "--delay", "30", question)
    time.sleep(3)
    screen.picture("3-typed")
    screen.do("key", "Return")
    time.sleep(60)
    screen.picture("4-answered")
    place = screen.link((515, 100, 1275, 800))
    if place is None:
        raise SystemExit("no citation to click was seen")
    screen.do("mousemove", str(place[0]), str(place[1]), "click", "1")
    time.sleep(8)
    screen.picture("5-citation-clicked")
    if not screen.changed("4-answered", "5-citation-clicked"):
        raise SystemExit(f"the click at {place} opened nothing")
    proof.say(f"“{question}” was typed and asked; the citation at {place} was clicked. "
              "See 1-empty.png to 5-citation-clicked.png.")  # fmt: skip

    second = carrel("--library", LIBRARY, f"{HOME}/more papers")
    status = second.wait(60)
    more = _wait_for_index(machine, int(found["documents"]) + 1)  # type: ignore[call-overload]
    proof.say(
        "“Open with Carrel” on another folder, while the window is open: the second program ended "
        f"with {status}, and the window has {more['documents']} documents."
    )
    screen.picture("6-opened-with")
    screen.do("windowactivate", "--sync", window, "key", "ctrl+q")
    proof.say(f"Ctrl+Q: exit status {process.wait(30)}.")


def _wait_for_index(machine: Machine, least: int) -> dict[str, object]:
    until = time.monotonic() + 1800
    found: dict[str, object] = {}
    while time.monotonic() < until:
        with contextlib.suppress(subprocess.CalledProcessError):
            found = machine.ask("carrel", "--library", LIBRARY, "status", "--json")
            if int(found["documents"]) >= least and found["passages"] == found["embedded"]:  # type: ignore[call-overload]
                return found
        time.sleep(2)
    raise SystemExit(f"the index was not finished: {found}")


def _upgrade(machine: Machine, proof: Proof, package: Path) -> None:
    proof.step("Upgrade to a second build")
    status = ("carrel", "--library", LIBRARY, "status", "--json")
    before = machine.ask(*status)
    old = machine.as_root("dpkg-query", "--show", "carrel").split()[1]
    shutil.copy(package, machine.root / "root" / "carrel.deb")
    machine.as_root("apt-get", "install", "-y", "-q", "/root/carrel.deb")
    (machine.root / "root" / "carrel.deb").unlink()
    new = machine.as_root("dpkg-query", "--show", "carrel").split()[1]
    same = machine.ask(*status) == before
    proof.say(f"{old} → {new}. The library's ledger is {'the same' if same else 'NOT the same'}.")
    machine.run("carrel", "--library", LIBRARY, "conversations", most=10)
    if not same or old == new:
        raise SystemExit("the upgrade did not keep the data")


def _purge(machine: Machine, proof: Proof, before: set[str]) -> None:
    proof.step("Purge")
    machine.as_root("apt-get", "purge", "-y", "-q", "carrel")
    machine.as_root("apt-get", "autoremove", "--purge", "-y", "-q")
    packages = sorted(machine.packages() - before)
    proof.say(f"Packages that came along and stay: {', '.join(packages) or 'none'}.")
    left = sorted(machine.files() - before)
    outside = [place for place in left if not f"/{place}".startswith(HOME)]
    proof.say(f"Outside of homes, {len(outside)} files that were not there before:")
    proof.quote("\n".join(outside))
    names = [place for place in outside if "carrel" in place.lower()]
    proof.say(f"With Carrel's name among them: {', '.join(names) or 'none'}.")
    proof.say("In the user's home, what the user made:")
    home = machine.root / HOME[1:]
    proof.quote(
        "\n".join(
            f"{file.stat().st_size:>12,}  ~/{file.relative_to(home)}"
            for file in sorted(home.rglob("*"))
            if file.is_file() and not file.name.startswith(".bash") and file.name != ".profile"
        )
    )
    if names:
        raise SystemExit("something of Carrel is left")


if __name__ == "__main__":
    sys.exit(main())
