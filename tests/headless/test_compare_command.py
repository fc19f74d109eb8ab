"""``carrel compare`` and ``carrel ask --adapter`` with the starter model, by the contract."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.paths import starter_model
from tests.engine.tiny_lora import STARTER, adapter
from tests.headless.conftest import Sample, needs
from tests.headless.test_contracts import RENT

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        not starter_model().is_file(), reason="the starter model is not installed (make test does)"
    ),
]

WORLD_CUP = "Who won the world cup in 1990?"
WAYS = ("plain", "adapter", "documents", "both")


@pytest.fixture(scope="module")
def style(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adapter(tmp_path_factory.mktemp("adapter") / "style.gguf", *STARTER, strength=0.1)


def test_four_answers_to_one_question(sample: Sample, style: Path, tmp_path: Path) -> None:
    file = tmp_path / "compared.md"
    named = ("--adapter", f"{style}:0.5", "--export", str(file), "--json")
    made = sample("compare", RENT, *named).json
    needs(("question", *WAYS, "model", "adapters", "seed", "stopped"), made)
    assert made["question"] == RENT
    assert made["model"].startswith("SmolLM2")
    assert made["adapters"] == [{"name": "style", "path": str(style), "scale": 0.5}]
    assert [made[way]["adapter"] for way in WAYS] == ["", "style", "", "style"]
    for way in WAYS:
        answer = made[way]
        needs(("claims", "citations", "timings", "refused"), answer)
        assert answer["written"]
        assert answer["timings"]["total_ms"] > 0
        assert answer["timings"]["output_tokens"] > 0
        assert "unchecked" not in {claim["support"] for claim in answer["claims"]}
    assert made["plain"]["quotes"] == made["adapter"]["quotes"] == []
    for way in ("documents", "both"):
        assert "1,850 euros a month" in made[way]["answer"]
    assert "## With both" in file.read_text(encoding="utf-8")


def test_a_table_over_a_file_of_questions(sample: Sample, style: Path, tmp_path: Path) -> None:
    asked, file = tmp_path / "asked.txt", tmp_path / "table.csv"
    asked.write_text(f"{RENT}\n\n{WORLD_CUP}\n{RENT}\n", encoding="utf-8")
    outcome = sample(
        *("compare", "--questions", str(asked), "--adapter", str(style)),
        *("--export", str(file), "--json"),
    )
    table = outcome.json
    needs(("sums", "comparisons", "failures", "stopped"), table)
    assert tuple(table["sums"]) == WAYS
    assert [made["question"] for made in table["comparisons"]] == [RENT, WORLD_CUP]
    for way in WAYS:
        assert table["sums"][way]["answers"] == 2
    assert table["sums"]["documents"]["refused"] == table["sums"]["both"]["refused"] == 1
    assert "8 of 8 answers" in outcome.err
    with file.open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 8


def test_several_adapters_and_their_scales_are_told(sample: Sample, style: Path) -> None:
    other = adapter(style.with_name("other.gguf"), *STARTER, seed=2, strength=0.1)
    feed = json.dumps({"question": RENT})
    named = ("--adapter", f"{style}:0.5", "--adapter", str(other))
    (answer,) = sample("ask", "--batch", *named, feed=feed).json_lines
    assert answer["adapter"] == "style + other"
    assert answer["adapters"] == [
        {"name": "style", "path": str(style), "scale": 0.5},
        {"name": "other", "path": str(other), "scale": 1.0},
    ]


def test_what_cannot_be_compared_is_one_line(
    sample: Sample, style: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 64)
    library = ("--library", str(sample.library))
    named = ("--adapter", str(style))
    empty = tmp_path / "empty.txt"
    empty.touch()
    for arguments, reason in (
        ((RENT,), "Which adapter"),
        ((RENT, "--adapter", str(broken)), "broken.gguf"),
        ((RENT, "--adapter", f"{style}:7"), "0 to 2"),
        ((RENT, "--adapter", str(tmp_path / "none.gguf")), "none.gguf"),
        (named, "What is the question"),
        ((RENT, "--questions", str(empty), *named), "What is the question"),
        (("--questions", str(empty), *named), "no question"),
        ((RENT, *named, "--model", "none"), "needs a model"),
        ((RENT, *named, "--export", str(tmp_path / "a.xyz")), "format"),
    ):
        assert main(["compare", *arguments, *library]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert len(err.splitlines()) == 1
        assert reason in err
