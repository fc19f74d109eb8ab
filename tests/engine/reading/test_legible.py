"""Text that is no language is suspected; languages, figures and code are not."""

from __future__ import annotations

import random
import string

import pytest

from engine.reading.legible import is_garbage, is_nonsense

ENGLISH = (
    "The tenant shall keep the inside of the premises in repair and shall pay for the glass of "
    "every window, whether it was broken by the tenant or by anyone whom the tenant let in."
)
LANGUAGES = {
    "English": ENGLISH,
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit "
    "Vernunft und Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen.",
    "Welsh": "Genir pawb yn rhydd ac yn gydradd â'i gilydd mewn urddas a hawliau. Fe'u "
    "cynysgaeddir â rheswm a chydwybod, a dylai pawb ymddwyn y naill at y llall mewn brawdgarwch.",
    "Polish": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.",
    "Vietnamese": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.",
    "Finnish": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "Russian": "Все люди рождаются свободными и равными в своем достоинстве и правах, и они "
    "наделены разумом и совестью.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "Arabic": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد وهبوا عقلا وضميرا.",
    "Chinese": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_are_legible(language: str) -> None:
    assert not is_garbage(LANGUAGES[language])
    assert not is_garbage(LANGUAGES[language].upper())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "Total 1,234 5,678 12.3% FY2018 FY2017 USD 1,577 (45) 3,210 34,000 12,000 99.9 " * 3,
        "Introduction ........................ 1\nMethods .............................. 12\n" * 5,
        "def first(self, order): for index, value in enumerate(order): return value[index]",
        "\uf0b7 first point\n\uf0b7 second point\n\uf0b7 third point",
    ],
)
def test_what_is_no_prose_is_not_suspected(text: str) -> None:
    assert not is_garbage(text)


def test_shifted_letters_are_garbage() -> None:
    assert is_garbage("".join(chr(ord(c) - 29) if c > "=" else c for c in ENGLISH))
    found = 0
    for step in range(1, 26):
        letters = string.ascii_lowercase
        turned = str.maketrans(letters, letters[step:] + letters[:step])
        found += is_garbage(ENGLISH.lower().translate(turned))
    assert found >= 22


def test_other_letters_for_each_letter_are_garbage() -> None:
    random.seed(5)
    found = 0
    for _ in range(50):
        letters = list(string.ascii_lowercase)
        random.shuffle(letters)
        table = str.maketrans(string.ascii_lowercase, "".join(letters))
        found += is_garbage(ENGLISH.lower().translate(table))
    assert found >= 40


def test_characters_that_mean_nothing_are_garbage() -> None:
    assert is_garbage("".join(" " if c == " " else chr(0xF000 + ord(c)) for c in ENGLISH))
    assert is_garbage("\ufffd\ufffd\ufffd \ufffd\ufffd\ufffd\ufffd on \ufffd\ufffd")


def test_a_file_of_another_program_is_nonsense() -> None:
    noise = random.Random(1)
    assert is_nonsense(noise.randbytes(9000).decode("utf-16", "ignore"))
    assert is_nonsense(noise.randbytes(9000).decode("latin-1"))
    for text in LANGUAGES.values():
        assert not is_nonsense(text * 20)
    assert not is_nonsense(ENGLISH * 60 + noise.randbytes(2000).decode("latin-1"))
    assert not is_nonsense("")


def test_wrong_encodings_are_garbage() -> None:
    assert is_garbage(LANGUAGES["German"].encode().decode("latin-1") * 2)
    assert is_garbage(LANGUAGES["Russian"].encode("cp1251").decode("latin-1"))
