"""Cars by channels, and what happened to one car."""
