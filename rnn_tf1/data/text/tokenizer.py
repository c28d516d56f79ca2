"""Tokenizes sentences into words and punctuation, and back; for English, French and languages that are written alike.

``tokenize("L'homme n'a pas vu les chiens.")`` is ``["l'", "homme", "n'", "a", "pas", "vu", "les", "chiens", "."]``.

By hand, because the way back is guaranteed and tested, which sacremoses, the library for it, does not promise.
"""

import functools
import re
import unicodedata
from typing import List, Pattern, Sequence, Tuple

NUMBER = "[NUM]"  # the token for a number
URL = "[URL]"  # the token for a web address

_ELISION = r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'"  # French; the word after it is a separate word
_SUFFIX = r"'(?:s|m|d|re|ve|ll)"  # English: man's, I'm, they'd; don't stays whole, as does aujourd'hui
_CLIPPED = r"'(?:em|til|tis|twas|cause|n)"  # words that begin with an apostrophe
_IS_ELISION, _IS_SUFFIX = re.compile(_ELISION, re.IGNORECASE), re.compile(_SUFFIX, re.IGNORECASE)
_IS_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_DOMAIN = r"(?:com|org|net|edu|gov|info|io|eu|fr|de|uk)"

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2039\u203a\u02bc`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011", "-"),
        **dict.fromkeys("\u00ad\u200b\ufeff", None),  # invisible: soft hyphen, zero-width space, byte order mark
        "\u2026": "...",
    }
)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#39;": "'"}
_ENTITY = re.compile("|".join(_ENTITIES))

_OPENING = frozenset(("(", "[", "{", "#", "$", "\u00a3", "\u00bf", "\u00a1", "/"))  # no space after them
_CLOSING = frozenset((".", ",", ";", ":", "!", "?", ")", "]", "}", "%", "\u00b0", "/"))  # no space before them


def tokenize(text: str, lower: bool = True, numbers: bool = False, urls: bool = False) -> List[str]:
    """The words and punctuation marks of a sentence.

    Splits at white space, and makes punctuation marks separate tokens, except inside words with a hyphen or an apostrophe
    (t-shirt, aujourd'hui, don't), numbers (2.50, 95,000, 11:27, 3rd), letters with full stops (u.s), letters joined by &
    (h&r), web addresses, and dots in a row. French elisions end with their apostrophe (l' homme, qu' il); English suffixes
    begin with it (man 's, i 'm). Languages that are written without spaces are not split.

    The tokens are in composed Unicode (NFC), with plain apostrophes, quotation marks and hyphens, and with the entities of
    HTML (``&amp;``) replaced.

    Args:
      lower: whether to convert to lower case.
      numbers: whether to replace each number in digits by `NUMBER`.
      urls: whether to replace each web address by `URL`.
    """
    if "&" in text:
        text = _ENTITY.sub(lambda match: _ENTITIES[match.group()], text)
    text = text.translate(_PLAIN)
    tokens = _pattern().findall(unicodedata.normalize("NFC", text.lower() if lower else text))
    marks = {NUMBER.lower(): NUMBER, URL.lower(): URL}  # put in before
    tokens = [marks.get(token, token) for token in tokens]
    if urls:
        tokens = [URL if _is_address().fullmatch(token) else token for token in tokens]
    if numbers:
        tokens = [NUMBER if _IS_NUMBER.fullmatch(token) else token for token in tokens]
    return tokens


def detokenize(tokens: Sequence[str], capital: bool = False) -> str:
    """The text as a person would write it: no space before . , ; ? and the like, none after an elision.

    Quotation marks open and close in turn; so do apostrophes that stand alone, except the last of an odd number, which
    closes (the girls' room). It is the inverse of `tokenize`, which turns this text into the same tokens again: a space is
    left out only where `tokenize` splits the tokens without it.

    Args:
      capital: whether to capitalize the first letter, for tokens in lower case.
    """
    pieces: List[Tuple[str, ...]] = []  # tokens written without a space between them
    opened = {'"': False, "'": False}
    left, tight = list(tokens).count("'"), False  # apostrophes to come; whether no space follows the last token
    for token in tokens:
        opens = closes = False
        if token in opened:
            closes = opened[token] or (token == "'" and left == 1)
            opened[token] = opens = not closes
            left -= token == "'"
        if pieces and (tight or closes or _leans(token)) and _parts(pieces[-1] + (token,)):
            pieces[-1] += (token,)
        else:
            pieces.append((token,))
        tight = opens or token in _OPENING or bool(_IS_ELISION.fullmatch(token))
    text = " ".join("".join(piece) for piece in pieces)
    return _capital(text) if capital else text


def _leans(token: str) -> bool:
    """Whether the token is written without a space before it."""
    return token in _CLOSING or token[:2] == ".." or bool(_IS_SUFFIX.fullmatch(token))


@functools.lru_cache(maxsize=1 << 14)
def _parts(piece: Tuple[str, ...]) -> bool:
    """Whether `tokenize` splits these tokens without a space between them."""
    return tokenize("".join(piece), lower=False) == list(piece)


def _capital(text: str) -> str:
    """`text` with a capital first letter, if its lower case is the same letter again; 3rd, <unk> and capitals stay."""
    for place, letter in enumerate(text):
        if letter.isalpha():
            large = letter.upper()
            return text[:place] + large + text[place + 1 :] if large.lower() == letter else text
        if letter.isalnum() or letter == "<":
            return text
    return text


@functools.lru_cache(maxsize=1)
def _pattern() -> Pattern[str]:
    """The pattern of a token; the first alternative that matches counts."""
    char = _char()
    apostrophe = r"(?!%s(?!%s))'" % (_SUFFIX, char)
    ampersand = r"&(?!(?:amp|lt|gt|quot|apos)(?!%s))" % char  # but not the remains of an entity
    start = r"(?:\d+(?:[.,:]\d+)+%s*|%s+)" % (char, char)
    kinds = [
        r"\[(?:NUM|URL)\]",
        _address(),
        _ELISION,
        r"%s(?!%s)|%s(?!%s)" % (_SUFFIX, char, _CLIPPED, char),
        r"[^\W\d_](?:\.[^\W\d_])+(?!%s)" % char,
        r"%s(?:(?:-|%s|%s)%s+)*" % (start, apostrophe, ampersand, char),
        r"\.{2,}|-{2,}|\S",
    ]
    return re.compile("|".join(kinds), re.IGNORECASE)


def _address() -> str:
    label = r"%s{1,63}" % _char()  # the limit of DNS; unbounded, a long line would take quadratic time
    name, path = r"%s(?:[-.]%s){0,15}\.%s(?!%s)" % (label, label, _DOMAIN, _char()), r"[^\s\"'<>()]*[\w/]"
    return r"(?:https?://|www\.)%s|%s(?:/%s)?" % (path, name, path)


@functools.lru_cache(maxsize=1)
def _is_address() -> Pattern[str]:
    return re.compile(_address(), re.IGNORECASE)


@functools.lru_cache(maxsize=1)
def _char() -> str:
    """A character of a word. It includes combining marks, such as the vowels of Hindi, which Python's patterns leave out."""
    marks = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
    return r"[\w%s]" % marks
