"""Channels, people's choices, publications and their attempts."""

from .channel import Channel, MasterSwitch
from .choice import Campaign, Choice
from .publication import Publication, PublicationAttempt

__all__ = ["Campaign", "Channel", "Choice", "MasterSwitch", "Publication", "PublicationAttempt"]
