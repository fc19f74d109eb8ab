"""Answers: the best quotes at once, the model's text on top of them, every claim checked."""

from engine.answering.answerer import Answerer

__all__ = ["Answerer"]
