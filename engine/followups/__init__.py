"""What a question means after the ones before it: "and in 2019?", "why?", "who signed it?"."""

from engine.followups.recent import RecentTurns, recent_turns
from engine.followups.rewriting import FollowUps
from engine.followups.rules import FollowUp, follow

__all__ = ["FollowUp", "FollowUps", "RecentTurns", "follow", "recent_turns"]
