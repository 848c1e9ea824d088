"""Channels, people's choices, publications and their attempts."""

from .channel import Channel, MasterSwitch
from .choice import Campaign, Choice
from .publication import Publication, PublicationAttempt
from .task_run import TaskRun

__all__ = ["Campaign", "Channel", "Choice", "MasterSwitch", "Publication", "PublicationAttempt", "TaskRun"]
