"""Word forms brought together, crudely on purpose: "lives" and "live", "plays" and "play"."""

_ENDINGS = (("ies", 2), ("ing", 3), ("ed", 3), ("es", 3), ("s", 3), ("e", 3), ("y", 3))


def stem(word: str) -> str:
    return _shorter(_shorter(word.removesuffix("'s")))


def stems_of(words: str) -> frozenset[str]:
    return frozenset(map(stem, words.split()))


def _shorter(word: str) -> str:
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
