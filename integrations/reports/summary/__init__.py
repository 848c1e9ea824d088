"""The report of publications by period, dealer and channel, on a page and as a file."""
