"""Conversations: kept whole, found again, renamed, deleted with a way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from making import bytes_around

from engine.answers import Answer, Citation, Conversation
from engine.errors import CarrelError
from engine.store import Store
from engine.store.conversations import titled
from engine.store.excerpts import Wanted


def answer(question: str, text: str = "", *quotes: str, document: str = "") -> Answer:
    citations = tuple(
        Citation(n, 1, document, "", 1, "1", 0, len(quote), quote)
        for n, quote in enumerate(quotes or (("",) if document else ()), 1)
    )
    return Answer(question, tuple(c.n for c in citations), text, (), citations)


def talk(store: Store, *answers: Answer, title: str = "") -> Conversation:
    made = store.conversations.create(title)
    for each in answers:
        store.conversations.add_turn(made.id, each)
    return store.conversations.one(made.id)


def found(store: Store, text: str) -> list[int]:
    return [each.id for each in store.conversations.search(text)]


# --- titles ----------------------------------------------------------------------------------


def test_the_first_question_names_a_conversation_until_somebody_does(store: Store) -> None:
    made = talk(store, answer("Who pays\n the rent?"), answer("Why?"))
    assert made.title == "Who pays the rent?"
    store.conversations.rename(made.id, "  The   rent ")
    store.conversations.add_turn(made.id, answer("And the heating?"))
    assert store.conversations.one(made.id).title == "The rent"
    store.conversations.rename(made.id, " ")
    assert store.conversations.one(made.id).title == "Who pays the rent?"
    assert talk(store, answer("Who signed?"), title="Given").title == "Given"


def test_long_titles_are_cut_at_a_word() -> None:
    title = titled("What does the agreement say about the liability of people who rent the mill?")
    assert title == "What does the agreement say about the liability of people…"
    assert titled("公" * 100) == "公" * 60 + "…"
    assert titled("x" * 60) == "x" * 60


# --- searching -------------------------------------------------------------------------------


def test_all_words_must_be_there_in_whatever_turn(store: Store) -> None:
    both = talk(
        store, answer("Who owns the mill?"), answer("Where?", "In Ljubljana, by the river.")
    )
    talk(store, answer("Who owns the inn?", "The miller's daughter."))
    assert found(store, "mill Ljubljana") == [both.id]
    assert found(store, "inn Ljubljana") == []
    assert found(store, '"?!" (*)') == []


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("liabilities", "The liability of tenants is limited."),
        ("liabil", "Liabilities are listed below."),
        ("3M's revenue", "Revenues of 3M rose."),
        ("non-small-cell", "A trial of non-small cell carcinoma."),
        ("mietverträge", "Der Mietvertrag ist gekündigt."),
        ("GEKUND", "Der Mietvertrag ist gekündigt."),
        ("strasse", "An der Straße der Einheit."),
        ("المحكمة", "قررت محكمة الاستئناف رفض الطلب."),
        ("الشركات", "إيرادات الشركة في عام 2019"),
        ("٢٠١٩", "إيرادات الشركة في عام 2019"),
        ("收入", "公司在2019年的收入增长了。"),
        ("公司", "公司在2019年的收入增长了。"),
        ("2019年", "公司在2019年的收入增长了。"),
        ("サービス", "このサービスは無料です。"),
        ("아파트", "서울의 아파트는 비싸다."),
    ],
)
def test_words_are_found_in_their_forms_and_scripts(store: Store, typed: str, text: str) -> None:
    held = talk(store, answer("?", text))
    talk(store, answer("Nothing of it", "An answer about something else, 另外 مختلف."))
    (hit,) = store.conversations.search(typed)
    assert hit.id == held.id
    assert hit.found


@pytest.mark.parametrize(
    "text", ["limited liability", "liabilities", "Kündigungsfrist", "公司收入"]
)
def test_nothing_goes_away_while_a_word_is_typed(store: Store, text: str) -> None:
    held = talk(store, answer("Q", f"Something on {text} here."))
    for end in range(1, len(text) + 1):
        assert found(store, text[:end]) == [held.id], text[:end]


def test_the_best_comes_first(store: Store) -> None:
    said = talk(store, answer("Who came?", "A sculptor, with a long tale of " + "stone " * 50))
    asked = talk(store, answer("Who is the sculptor?", "Unknown."))
    named = talk(store, answer("Who else?", "Nobody."), title="The sculptor")
    cited = talk(store, answer("What?", "This.", document="notes/Sculptor2019.pdf"))
    assert found(store, "sculptor")[:2] == [asked.id, named.id]
    assert found(store, "sculptor")[-1] == said.id
    assert set(found(store, "sculptor")) == {said.id, asked.id, named.id, cited.id}


def test_the_place_is_shown(store: Store) -> None:
    long = "Much was said before. " * 10 + "The tenant\n pays the crates, " + "and so on. " * 20
    talk(store, answer("Who?", "Somebody.", long))
    (hit,) = store.conversations.search("crates tenant")
    assert "The tenant pays the crates," in hit.found
    assert hit.found.startswith("…")
    assert hit.found.endswith("…")
    assert len(hit.found) < 200
    talk(store, answer("What?", "Nothing."), title="Only the zebra")
    assert store.conversations.search("zebra")[0].found == ""


def test_the_place_in_a_script_without_spaces_is_short() -> None:
    excerpt = Wanted.of("收入").excerpt(["前" * 300 + "收入" + "后" * 300])
    assert "收入" in excerpt
    assert len(excerpt) < 200


def test_text_is_searched_for_not_run(store: Store) -> None:
    held = talk(store, answer('Is "NEAR(a b)" AND title:x* a query?'))
    for typed in ('"NEAR(a b)"', "title:x*", "AND", 'query" OR "x', "NOT query", "\x00query", "-a"):
        assert set(found(store, typed)) <= {held.id}
    assert found(store, "NEAR title:x") == [held.id]


def test_blank_text_finds_all_last_used_first(store: Store) -> None:
    first, second = talk(store, answer("One?")), talk(store, answer("Two?"))
    store.conversations.add_turn(first.id, answer("Again?"))
    assert found(store, "  ") == [first.id, second.id]
    assert [each.id for each in store.conversations.all()] == [first.id, second.id]


def test_the_check_finds_words_that_belong_to_nothing(store: Store) -> None:
    made = talk(store, answer("Who?"))
    store.conversations.delete(talk(store, answer("Why?")).id)
    assert store.check() == []
    with store._database.writing() as db:
        db.execute("DELETE FROM conversation_words WHERE rowid = ?", (made.id,))
        db.execute("INSERT INTO conversation_words(rowid, title) VALUES (99, 'x')")
    assert store.check() == [
        "1 orphaned: words of conversations",
        "1 orphaned: conversations without words",
    ]


# --- deleting --------------------------------------------------------------------------------


def test_a_deleted_conversation_comes_back_whole(store: Store) -> None:
    made = talk(store, answer("Who pays?", "The tenant."), answer("Why?"))
    store.conversations.delete(made.id)
    assert store.conversations.all() == []
    assert found(store, "tenant") == []
    assert store.conversations.history(made.id) == []
    for change in (
        lambda: store.conversations.add_turn(made.id, answer("More?")),
        lambda: store.conversations.rename(made.id, "x"),
        lambda: store.conversations.delete(made.id),
        lambda: store.conversations.one(made.id),
    ):
        with pytest.raises(CarrelError, match="deleted"):
            change()
    store.conversations.restore(made.id)
    assert store.conversations.all() == [made]
    assert found(store, "tenant") == [made.id]
    assert [each.question for each in store.conversations.turns(made.id)] == ["Who pays?", "Why?"]


def test_a_deleted_turn_comes_back_to_its_place(store: Store) -> None:
    made = talk(store, answer("One?"), answer("Two?", "Zebra."), answer("Three?"))
    second = store.conversations.history(made.id)[1]
    assert second.asked > 0
    store.conversations.delete_turn(second.id)
    assert [each.question for each in store.conversations.turns(made.id)] == ["One?", "Three?"]
    assert found(store, "zebra") == []
    store.conversations.restore_turn(second.id)
    assert store.conversations.history(made.id)[1] == second
    assert found(store, "zebra") == [made.id]
    with pytest.raises(CarrelError, match="no such question"):
        store.conversations.delete_turn(999)


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_what_is_deleted_leaves_the_file_at_a_later_start(
    library_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str | None
) -> None:
    store = Store(library_path, passphrase)
    kept = talk(store, answer("Kept?", "Parallax."), answer("Gone?", "Quicksilver."))
    gone = talk(store, answer("Away?", "Obsidian."))
    store.conversations.delete_turn(store.conversations.history(kept.id)[1].id)
    store.conversations.delete(gone.id)
    store.close()
    soon = Store(library_path, passphrase)
    soon.conversations.restore(gone.id)
    soon.conversations.delete(gone.id)
    soon.close()
    monkeypatch.setattr("engine.store.conversations.KEPT_S", -1.0)
    later = Store(library_path, passphrase)
    with pytest.raises(CarrelError, match="deleted"):
        later.conversations.restore(gone.id)
    assert later.conversations.all() == [kept]
    assert [each.question for each in later.conversations.turns(kept.id)] == ["Kept?"]
    assert later.check() == []
    later.close()
    left = bytes_around(library_path).lower()
    assert (b"parallax" in left) == (passphrase is None)
    assert b"obsidian" not in left
    assert b"quicksilver" not in left
