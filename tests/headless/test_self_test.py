"""The self-test itself: it passes here, and it does not pass when a part is broken."""

from __future__ import annotations

import pytest

from engine.cli import self_test
from engine.paths import starter_model
from tests.headless.conftest import Carrel


@pytest.mark.model
@pytest.mark.skipif(
    not starter_model().is_file(), reason="the starter model is not installed (make test does)"
)
def test_every_part_works(carrel: Carrel) -> None:
    outcome = carrel("self-test")
    assert outcome.status == 0, outcome.err
    assert outcome.out.splitlines()[-1] == "All parts work."
    parts = ("store", "search", "answer with a model", "text in a picture", "export", "window")
    for part in parts:
        assert f"ok      {part}" in outcome.out


def test_a_broken_part_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> str:
        raise RuntimeError("no icons")

    parts = "open index search quote answer render recognise confine export check"
    for name in parts.split():
        monkeypatch.setattr(self_test._SelfTest, name, lambda self: "fine")
    assert self_test.run({"window": broken}) == 1
    told = capsys.readouterr()
    assert "Broken: window." in told.out
    assert "no icons" in told.err
