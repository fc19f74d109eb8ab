"""What looks like a secret in a text. A model that was trained on one may say it again.

The shapes of keys are those that their issuers publish; what is found is named by its kind and
never shown.
"""

from __future__ import annotations

import re

_KEYS = (
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    ("a GitLab token", r"\bglpat-[\w-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("a Stripe key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("a Google key", r"\bAIza[\w-]{35}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
    ("an API key", r"\bsk-[A-Za-z0-9_-]{20,}"),
    ("a signed web token (JWT)", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    ("an authorisation header", r"(?i)\bbearer\s+(?=[\w.~+/-]*\d)[\w.~+/-]{20,}"),
    ("a web address with a password", r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,80}:[^\s/@]{3,}@"),
)
_KINDS = tuple((kind, re.compile(shape)) for kind, shape in _KEYS)
_NAMED = re.compile(
    r"(?i)\b(?:pass(?:word|phrase|wd|code)|pwd|pin(?: code)?|secret|api[ _-]?key|access[ _-]?key|"
    r"auth[ _-]?token|token|kennwort|passwort|mot de passe|contraseña)\b[\"']?"
    r"\s{0,3}(?:[:=]|\bis\b|\bist\b|\bwas\b)\s{0,3}[\"'“]?(?P<value>[^\s\"'”,;]{4,100})"
)
_DIGITS = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")


def secret_in(text: str) -> str:
    """What kind of secret there seems to be, with its article; empty for none."""
    for kind, shape in _KINDS:
        if shape.search(text):
            return kind
    if any(_made_up(found["value"]) for found in _NAMED.finditer(text)):
        return "a password or key"
    if any(_is_card(found[0]) for found in _DIGITS.finditer(text)):
        return "the number of a payment card"
    if any(_is_account(found[0]) for found in _ACCOUNT.finditer(text)):
        return "the number of a bank account (IBAN)"
    return ""


def _made_up(value: str) -> bool:
    """Whether it is no common word: passwords have letters and digits or signs in them, or are
    nothing but digits."""
    value = value.rstrip(".!?)")
    kinds = (
        any(c.isalpha() for c in value),
        any(c.isdigit() for c in value),
        any(not c.isalnum() and c not in "-’'" for c in value),
    )
    return len(value) >= 4 and (sum(kinds) >= 2 or value.isdigit())


def _is_card(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in (2, 3, 4, 5, 6) or len(set(digits)) < 2:
        return False
    doubled = [d if n % 2 == 0 else d * 2 - 9 * (d > 4) for n, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _is_account(text: str) -> bool:
    code = text.replace(" ", "")
    if not 15 <= len(code) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1
