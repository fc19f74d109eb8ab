"""What a script is told where it is doubtful that the question is answered."""

from __future__ import annotations

from engine.answers import Answer, Citation, Claim, Support
from engine.cli.output import answer_json, written_text

QUOTE = Citation(1, 1, "lease.pdf", "Lease", 2, "2", 0, 4, "The rent is 1,850 euros.")
CLAIM = Claim("The rent is 1,850 euros.", 0, 24, Support.SUPPORTED, (1,))
ANSWER = Answer("What does Jansen pay?", (1,), CLAIM.text, (CLAIM,), (QUOTE,), model="m")


def test_what_is_doubtful_is_not_called_supported() -> None:
    doubt = "nothing that was found speaks of “Jansen”"
    told = answer_json(
        Answer("What does Jansen pay?", (1,), CLAIM.text, (CLAIM,), (QUOTE,), doubt=doubt)
    )
    assert [claim["support"] for claim in told["claims"]] == ["unsupported", "unsupported"]
    assert all(not claim["citations"] for claim in told["claims"])
    assert told["doubt"] == doubt
    assert [citation["n"] for citation in told["citations"]] == [1]


def test_what_is_not_is() -> None:
    told = answer_json(ANSWER)
    assert [claim["support"] for claim in told["claims"]] == ["supported", "supported"]
    assert told["claims"][0]["citations"] == [1]
    assert told["doubt"] == ""
    assert "may not answer" not in written_text(ANSWER)
