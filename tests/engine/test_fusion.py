"""Pages in order: by words, by meaning, by the document's name, and by what is not known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.fusion import (
    Evidence,
    Weights,
    ideal_score,
    ranked,
    shares,
    unlisted_share,
    weight,
)
from engine.store.keywords import Frequencies
from engine.store.search import PagePassages

QUERY = np.array([1.0, 0.0], np.float32)


def passages(*rows: tuple[int, int, Sequence[float] | None]) -> PagePassages:
    """(page, document, vector or None) of each passage, numbered from 1."""
    vectors = np.zeros((len(rows), 2), np.float32)
    for at, (_, _, vector) in enumerate(rows):
        if vector is not None:
            vectors[at] = np.array(vector) / np.linalg.norm(vector)
    return PagePassages(
        np.arange(1, len(rows) + 1),
        np.array([row[0] for row in rows]),
        np.array([row[1] for row in rows]),
        vectors,
    )


def order(found: PagePassages, evidence: Evidence, weights: Weights | None = None) -> list[int]:
    return [page.page_id for page in ranked(found, evidence, weights or Weights())]


def test_words_order_pages_by_their_share() -> None:
    found = passages((1, 1, None), (2, 1, None), (3, 2, None))
    evidence = Evidence(words={1: 0.2, 2: 0.9}, unlisted=0.1)
    assert order(found, evidence) == [2, 1, 3]
    assert [page.score for page in ranked(found, evidence, Weights())] == [0.9, 0.2, 0.1]


def test_the_best_passage_and_the_whole_page_both_count() -> None:
    one_good = (1, 1, (1.0, 0.2)), (1, 1, (-1.0, 0.5))
    all_good = (2, 1, (1.0, 0.2)), (2, 1, (1.0, 0.4))
    assert order(passages(*one_good, *all_good), Evidence(vector=QUERY)) == [2, 1]
    first = ranked(passages(*all_good), Evidence(vector=QUERY), Weights())[0]
    assert first.passages == (1, 2)
    assert first.cosines[0] > first.cosines[1]
    assert first.score == pytest.approx(0.55 * first.cosines[0] + 0.55 * 0.957, abs=0.01)


def test_a_page_without_vectors_is_taken_for_the_middle() -> None:
    found = passages((1, 1, (1.0, 0.1)), (2, 1, None), (3, 1, (-1.0, 1.0)), (4, 1, (0.5, 1.0)))
    assert order(found, Evidence(vector=QUERY)) == [1, 2, 4, 3]


def test_a_named_document_comes_first_among_equals() -> None:
    found = passages((1, 1, None), (2, 2, None))
    assert order(found, Evidence(words={1: 0.5, 2: 0.5}, names={2: 0.5})) == [2, 1]
    assert order(found, Evidence(words={1: 0.9, 2: 0.5}, names={2: 0.5})) == [1, 2]


def test_nothing_found_is_nothing_ranked() -> None:
    assert ranked(passages(), Evidence(vector=QUERY), Weights()) == []


def test_shares_are_of_a_page_full_of_every_word() -> None:
    frequencies = Frequencies(100, {'"rare"': 1, '"common"': 90})
    assert weight(frequencies, '"rare"') > 10 * weight(frequencies, '"common"') > 0
    ideal = ideal_score(frequencies)
    assert shares([(7, ideal), (8, ideal / 2)], ideal) == {7: 1.0, 8: 0.5}
    assert shares([(7, 1.0)], 0.0) == {}
    assert weight(Frequencies(3, {'"none"': 0}), '"none"') == 0.0


def test_what_the_list_has_no_room_for_may_hold_something() -> None:
    assert unlisted_share({1: 0.8, 2: 0.4}, 2) == 0.2
    assert unlisted_share({1: 0.8, 2: 0.4}, 3) == 0.0


def test_the_query_follows_documents_that_agree() -> None:
    """The last page is off the query's direction, and on that of the three best."""
    best = [(0.9, 0.44), (0.9, 0.43), (0.9, 0.42)]
    off, along = (0.5, -0.87), (0.5, 0.87)
    apart = [(n, n, v) for n, v in enumerate([*best, off, along], 1)]
    assert order(passages(*apart), Evidence(vector=QUERY))[3:] == [5, 4]
    together = [(page, 1 if page < 4 else page, v) for page, _, v in apart]
    assert order(passages(*together), Evidence(vector=QUERY))[3:] == [4, 5]
    assert order(passages(*apart), Evidence(vector=QUERY), Weights(agreeing=0))[3:] == [4, 5]
