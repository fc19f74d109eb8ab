"""Words of many scripts, the same for documents and for queries."""

from __future__ import annotations

import pytest
from making import document, put

from engine.lexical import expressions, indexed, joined, name_words
from engine.store import Store


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("中华人民共和国成立于1949年。", "人民"),
        ("東京タワーは高い", "タワー"),
        ("한국은행의 기준금리", "한국은행"),
        ("ประเทศไทยมีกฎหมาย", "ไทย"),
        ("وقع الطرفان العقد في القاهرة", "عقد"),
        ("كِتَابٌ قديم", "الكتاب"),
        ("Die Straße ist eng", "STRASSE"),
        ("die ﬁnale Fassung", "finale"),
        ("１９４９年", "1949"),
        ("em 25 de São João", "sao joao"),
        ("٢٠٢٢", "2022"),
        ("यह किताब नई है", "किताब"),
        ("ดื่มน้ำสะอาด", "น้ำ"),
        ("новая ёлка", "елка"),
        ("Η ΟΔΟΣ", "οδός"),
        ("Đường phố", "duong"),
        ("sales of 1,577 million", "1,577"),
    ],
)
def test_a_page_is_found_by_its_words(store: Store, written: str, asked: str) -> None:
    put(store, "a.txt", document(written))
    put(store, "b.txt", document("nothing of the kind"))
    for word in asked.split():
        found = store.keywords.pages(" OR ".join(expressions(word)), 10)
        assert len(found) == 1, word


def test_what_is_not_there_is_not_found(store: Store) -> None:
    put(store, "a.txt", document("中华人民共和国"))
    for word in ("民人", "共产", "日本", "国中"):
        assert store.keywords.pages(" OR ".join(expressions(word)), 10) == []


def test_plain_text_is_left_alone() -> None:
    assert indexed("Plain text, 3 % of it.") == "Plain text, 3 % of it."
    assert expressions("gaap") == ('"gaap"',)
    assert expressions("10-k") == ('"10-k"',)
    assert expressions("non-small-cell") == ('"non-small-cell"', '"non"', '"small"', '"cell"')
    assert expressions("中华人民") == ('"中 华"', '"华 人"', '"人 民"')
    assert expressions('a"b') == ('"a""b"',)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("3M_2023Q2_10-K", "3M 2023Q2 10 K 3 M 2023 Q 2 10 K"),
        ("annual report", "annual report"),
        ("LeaseAgreement", "LeaseAgreement Lease Agreement"),
    ],
)
def test_names_come_apart(name: str, words: str) -> None:
    assert name_words(name) == words


def test_neighbours_are_joined() -> None:
    assert list(joined(["foot", "locker", "inc"])) == ["footlocker", "lockerinc", "footlockerinc"]
