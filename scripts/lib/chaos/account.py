"""What is right and what is not after the faults."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """`desired` posts and what became of them, as the sandbox shows it.

    `lost`: neither there nor known to be missing. `doubled`: cars with more than one post. `uncertain`: a person has
    to look, there is an attempt. `wrong`: posts that should not be there.
    """

    name: str
    desired: int
    reached: int
    lost: int
    doubled: int
    uncertain: int
    wrong: int = 0
    failed: int = 0
    in_flight: int = 0
    """Calls that were under way when their worker was killed."""
    unanswered: int = 0
    """Calls that create something which the sandbox was told to leave without an answer."""

    def problems(self) -> list[str]:
        found = []
        if self.lost or self.doubled or self.wrong or self.failed:
            found.append(f"{self.lost} lost, {self.doubled} doubled, {self.wrong} too many, {self.failed} failed")
        if self.uncertain > self.in_flight + self.unanswered:
            found.append(
                f"{self.uncertain} uncertain, but only {self.in_flight} calls were in flight at the kills and "
                f"{self.unanswered} had no answer"
            )
        return found

    def unfinished(self) -> list[str]:
        """After a person has looked there is nothing that is not known."""
        missing = self.desired - self.reached
        return [f"{missing} of {self.desired} have not arrived at last"] if missing or self.uncertain else []
