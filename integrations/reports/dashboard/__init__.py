"""The page “Platforms”: what to do today, and how every channel fares."""
