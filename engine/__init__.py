"""Carrel's engine: reading, indexing, retrieval and answers, without a screen."""

from engine.offline import enforce

enforce()
