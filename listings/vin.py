"""VINs: the check digit of ISO 3779, as North America has it."""

WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VALUES = {letter: value for letters, value in zip(
    ("A J", "B K S", "C L T", "D M U", "E N V", "F W", "G P X", "H Y", "R Z"), range(1, 10), strict=True
) for letter in letters.split()}  # fmt: skip


def check_digit_fits(vin: str) -> bool:
    """Whether the ninth character is the sum of the others. European makers put there what they like."""
    if len(vin) != len(WEIGHTS):
        return False
    total = sum(
        weight * (int(sign) if sign.isdigit() else VALUES.get(sign, 0))
        for sign, weight in zip(vin, WEIGHTS, strict=True)
    )
    return vin[8] == "0123456789X"[total % 11]
