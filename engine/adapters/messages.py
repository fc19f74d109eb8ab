"""What the app and the child that looks into adapters say to each other."""

from __future__ import annotations

import msgspec

from engine.adapter_facts import AdapterFacts, AdapterMatch


class LookInto(msgspec.Struct, frozen=True, tag="look"):
    """Say what an adapter is, a GGUF or what PEFT saves: one ``Found``. ``models`` are GGUF files
    to match it with, each with the name that it is to be called by."""

    path: str
    models: tuple[tuple[str, str], ...] = ()


class Convert(msgspec.Struct, frozen=True, tag="convert"):
    """Make a GGUF of what PEFT saves: one ``Found``, then ``Piece`` after ``Piece`` of the file.
    It is made for the first of ``models`` that it fits, and calls itself ``name``."""

    path: str
    models: tuple[tuple[str, str], ...] = ()
    name: str = ""


AdaptersRequest = LookInto | Convert


class Found(msgspec.Struct, frozen=True, tag="found"):
    """``matches`` are in the order of the models that were asked about; None for a file that is no
    model."""

    facts: AdapterFacts
    matches: tuple[AdapterMatch | None, ...] = ()


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """The next bytes of the file."""

    data: bytes


AdaptersReply = Found | Piece
