"""What is wrong with a foreign file: with one cell of it, or with the whole."""


class FileError(ValueError):
    """The file as a whole cannot be read. Its text says why, in words for a dealer."""


class CellError(ValueError):
    """A value that cannot be taken over: which column, what stands there, why."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(f"{column}: {reason} ({value!r})")
        self.column, self.value, self.reason = column, value, reason
