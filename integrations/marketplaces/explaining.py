"""What a settings model may say to the person who fills in the channel's form, in words of its own."""

from pydantic_core import PydanticCustomError

EXPLAINED = "explained"


def explained(words: str) -> PydanticCustomError:
    """For validators of settings, not of secrets: the words stand in the form as they are."""
    return PydanticCustomError(EXPLAINED, "{words}", {"words": words})
