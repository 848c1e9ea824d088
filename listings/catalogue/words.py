"""Words of a listing and of a visitor's query, brought to one form, so that "дизеля" finds "дизель"."""

import re
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[0-9a-zа-яё]+(?:[.,][0-9]+)?")
MAX_QUERY_WORDS = 12
"""A longer query is cut: nobody types it, and each word costs a look-up."""


def split_words(text: str) -> list[str]:
    """Lower-case words; numbers keep their decimals ("2.0"); ё is е, as most people type."""
    return [word.replace("ё", "е").replace(",", ".") for word in WORD.findall(text.lower())]


def stem(word: str) -> str:
    """The word without its ending. Latin words and numbers stay whole: they are names."""
    return _russian_stem(word) if "а" <= word[0] <= "я" else word


def index_words(texts: Iterable[str]) -> str:
    """All different stems of the texts, joined by spaces, as stored in a document."""
    words: set[str] = set()
    for text in texts:
        for word in split_words(text):
            words.add(stem(word))
    return " ".join(sorted(words))


def query_words(query: str) -> list[str]:
    return [stem(word) for word in split_words(query)][:MAX_QUERY_WORDS]


@lru_cache(maxsize=50_000)
def _russian_stem(word: str) -> str:
    return _stemmer().stemWord(word)


def _stemmer() -> snowballstemmer.stemmer:
    # Not shared: the stemmer keeps state between calls and is used by several threads.
    return snowballstemmer.stemmer("russian")
