"""Another seed asks for other words; the first asks for the likeliest."""

from __future__ import annotations

from engine.answering.answerer import temperature


def test_only_another_seed_draws() -> None:
    assert temperature(0) == 0.0
    assert temperature(1) > 0.0
