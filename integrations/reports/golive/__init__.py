"""The try of a channel with a test car."""
