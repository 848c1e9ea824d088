"""What reports remember."""

from .golive import GoLiveNote, GoLiveRun, GoLiveStage
from .subscription import ReportSubscription

__all__ = ["GoLiveNote", "GoLiveRun", "GoLiveStage", "ReportSubscription"]
