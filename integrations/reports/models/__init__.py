"""What reports remember."""

from .subscription import ReportSubscription

__all__ = ["ReportSubscription"]
