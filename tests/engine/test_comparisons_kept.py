"""Comparisons and adapters in the library file."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from engine.answers import (
    Answer,
    AppliedAdapter,
    Citation,
    Provenance,
    UsedAdapter,
    UsedFile,
)
from engine.comparisons import Comparison, Variant
from engine.errors import CarrelError
from engine.store import Store
from engine.store.conversations import KEPT_S

STYLE = AppliedAdapter("/a/terse.gguf", 0.5, "Terse")
CITED = Citation(1, 7, "a.txt", "A", 1, "1", 0, 4, "quot", ((1.0, 2.0, 3.0, 4.0),))


def comparison(question: str, made: float, *variants: Variant) -> Comparison:
    used = UsedAdapter("Terse", 0.5, UsedFile("/a/terse.gguf", 3, 4, "d"))
    written = Provenance("0", "q", adapters=(used,))
    answers = tuple(
        Answer(
            question,
            (1,),
            variant.value,
            (),
            (CITED,),
            provenance=written,
        )
        for variant in variants
    )
    return Comparison(question, answers, "m", (STYLE,), 3, made, variants=variants)


def test_comparisons_come_back_whole(store: Store, library_path: Path) -> None:
    whole = comparison("One?", 1.0, *Variant)
    part = comparison("Two?", 2.0, Variant.PLAIN, Variant.DOCUMENTS)
    first, second = map(store.comparisons.keep, (whole, part))
    assert first.id != second.id
    assert store.comparisons.all() == [second, first]
    again = Store(library_path)
    kept = again.comparisons.all()[0]
    again.close()
    assert kept == second
    assert kept.answer(Variant.DOCUMENTS) == part.answers[1]
    assert kept.answer(Variant.ADAPTER) is None
    assert store.comparisons.keep(second) == second
    assert len(store.comparisons.all()) == 2


def test_deleted_ones_can_be_brought_back_for_a_while(store: Store, library_path: Path) -> None:
    one, two = (store.comparisons.keep(comparison(q, 1.0, *Variant)) for q in ("One?", "Two?"))
    store.comparisons.delete(one.id)
    assert store.comparisons.all() == [two]
    store.comparisons.restore(one.id)
    assert len(store.comparisons.all()) == 2
    store.comparisons.delete(two.id)
    with store._database.writing() as db:
        db.execute("UPDATE comparisons SET deleted = deleted - ?", (KEPT_S + 1,))
    Store(library_path).close()
    with pytest.raises(CarrelError, match="not in the library"):
        store.comparisons.restore(two.id)
    with pytest.raises(CarrelError, match="not in the library"):
        store.comparisons.delete(99)
    assert store.comparisons.all() == [one]
    assert store.check() == []


def test_a_conversation_keeps_its_adapters(store: Store, library_path: Path) -> None:
    talk = store.conversations.create()
    other = store.conversations.create()
    assert store.conversations.applied(talk.id) == ()
    adapters = (STYLE, AppliedAdapter("/b.gguf", 0.0))
    store.conversations.apply(talk.id, adapters)
    again = Store(library_path)
    assert again.conversations.applied(talk.id) == adapters
    assert again.conversations.applied(other.id) == ()
    again.close()
    store.conversations.apply(talk.id, ())
    assert store.conversations.applied(talk.id) == ()
    store.conversations.delete(talk.id)
    for act in (store.conversations.applied, lambda n: store.conversations.apply(n, ())):
        with pytest.raises(CarrelError, match="deleted"):
            act(talk.id)


OLD = """{"question":"Q","quotes":[],"text":"T","claims":[],"citations":[],"model":"m",
"adapter":"terse","provenance":{"version":"0","searched":"Q","seed":3,"adapter":{"path":
"/a/terse.gguf","size":5,"modified_ns":6,"digest":"d"},"adapter_scale":0.25,"documents":[[1,"e"]]}}"""
PLAIN = """{"question":"Q","quotes":[],"text":"T","claims":[],"citations":[],"provenance":
{"version":"0","searched":"Q","adapter":null,"adapter_scale":1.0}}"""
QUOTED = """{"question":"Q","quotes":[],"text":"","claims":[],"citations":[]}"""


def of_the_fourth_version(path: Path, passphrase: str | None = None) -> None:
    store = Store(path, passphrase)
    talk = store.conversations.create("Kept")
    with store._database.writing() as db:
        for answer in (OLD, PLAIN, QUOTED):
            db.execute("INSERT INTO turns VALUES (NULL, ?, 1.0, ?, NULL)", (talk.id, answer))
        before_adapters(db)
    store.close()


def before_adapters(db: apsw.Connection) -> None:
    """Take back what the fifth step did."""
    db.execute("DROP TABLE comparisons; ALTER TABLE conversations DROP COLUMN adapters")
    db.pragma("user_version", 4)


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_library_of_the_fourth_version_keeps_everything(
    library_path: Path, passphrase: str | None
) -> None:
    of_the_fourth_version(library_path, passphrase)
    store = Store(library_path, passphrase)
    (talk,) = store.conversations.all()
    adapted, plain, quoted = store.conversations.turns(talk.id)
    file = UsedFile("/a/terse.gguf", 5, 6, "d")
    assert adapted.provenance == Provenance(
        "0", "Q", seed=3, adapters=(UsedAdapter("terse", 0.25, file),), documents=((1, "e"),)
    )
    assert plain.provenance == Provenance("0", "Q")
    assert quoted.provenance is None
    assert store.conversations.applied(talk.id) == ()
    assert store.comparisons.all() == []
    assert store.check() == []
    store.close()
    assert library_path.with_name(f"{library_path.name}.backup-v4").exists()


def test_an_answer_that_is_damaged_does_not_keep_a_library_shut(library_path: Path) -> None:
    of_the_fourth_version(library_path)
    damaged = apsw.Connection(str(library_path))
    damaged.execute("UPDATE turns SET answer = '{' WHERE id = 2")
    damaged.close()
    store = Store(library_path)
    assert [talk.title for talk in store.conversations.all()] == ["Kept"]
    store.close()


def test_a_fifth_step_that_fails_changes_nothing(library_path: Path) -> None:
    of_the_fourth_version(library_path)
    other = apsw.Connection(str(library_path))
    other.execute("CREATE TABLE comparisons(other)")
    other.close()
    with pytest.raises(apsw.SQLError, match="comparisons"):
        Store(library_path)
    unchanged = apsw.Connection(str(library_path))
    assert unchanged.pragma("user_version") == 4
    assert unchanged.execute("SELECT answer FROM turns WHERE id = 1").get == OLD
    assert "adapters" not in str(unchanged.execute("SELECT sql FROM sqlite_schema").fetchall())
    unchanged.close()
