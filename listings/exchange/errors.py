"""What is wrong with a row of a foreign file."""


class CellError(ValueError):
    """A value that cannot be taken over: which column, what stands there, why."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(f"{column}: {reason} ({value!r})")
        self.column, self.value, self.reason = column, value, reason
