"""Threads and child processes: nothing else in Carrel starts either."""

from engine.workers.lanes import CancelToken, EitherToken, Lane, PauseToken, Precedence
from engine.workers.process import ChildProcess, Limits
from engine.workers.steering import Steering

__all__ = [
    "CancelToken",
    "ChildProcess",
    "EitherToken",
    "Lane",
    "Limits",
    "PauseToken",
    "Precedence",
    "Steering",
]
