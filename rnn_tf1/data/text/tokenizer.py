"""Sentences as words and signs, and back as a person would write them; for English, French and what is written like them.

``tokenize("L'homme n'a pas vu les chiens.")`` is ``["l'", "homme", "n'", "a", "pas", "vu", "les", "chiens", "."]``.

By hand, since the way back is guaranteed and tested: sacremoses, the library for it, does not promise it.
"""

import functools
import re
import unicodedata
from typing import List, Pattern, Sequence, Tuple

NUMBER = "[NUM]"  # what stands for each number, where that is asked for
URL = "[URL]"  # the like for each address on the web

_ELISION = r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'"  # French; the word behind it is a word of its own
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
        **dict.fromkeys("\u00ad\u200b\ufeff", None),  # never seen: soft hyphen, space without width, mark of the order
        "\u2026": "...",
    }
)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#39;": "'"}
_ENTITY = re.compile("|".join(_ENTITIES))

_OPENING = frozenset(("(", "[", "{", "#", "$", "\u00a3", "\u00bf", "\u00a1", "/"))  # no blank behind
_CLOSING = frozenset((".", ",", ";", ":", "!", "?", ")", "]", "}", "%", "\u00b0", "/"))  # no blank before


def tokenize(text: str, lower: bool = True, numbers: bool = False, urls: bool = False) -> List[str]:
    """The words and signs of a sentence.

    Parted at white space; signs are words of their own, save inside these, which stay whole: words with a hyphen or an
    apostrophe (t-shirt, aujourd'hui, don't), numbers (2.50, 95,000, 11:27, 3rd), letters with full stops (u.s), letters
    joined by & (h&r), addresses on the web, and dots in a row. French elisions end with their apostrophe (l' homme, qu'
    il); what English writes with an apostrophe begins with it (man 's, i 'm). Languages without blanks are not parted.

    Unicode comes out in its composed form (NFC), apostrophes, quotation marks and hyphens as the plain ones, and the
    entities of HTML (``&amp;``) as what they stand for.

    lower    whether in small letters
    numbers  puts `NUMBER` for each number in digits
    urls     puts `URL` for each address on the web
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
    """The text that a person would write: no blank before . , ; ? and the like, none behind an elision.

    Quotation marks open and close in turn; so do apostrophes that stand alone, but for the last of an odd number, which
    closes (the girls' room). The inverse of `tokenize`: of whatever tokens it gives, it gives the same again from this
    text, since a blank is left out only where it parts the tokens without one.

    capital  whether the first letter is made a large one, for tokens in small letters
    """
    pieces: List[Tuple[str, ...]] = []  # tokens written without a blank between them
    opened = {'"': False, "'": False}
    left, tight = list(tokens).count("'"), False  # apostrophes to come; whether no blank is behind the token before
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
    """Whether no blank stands before the token."""
    return token in _CLOSING or token[:2] == ".." or bool(_IS_SUFFIX.fullmatch(token))


@functools.lru_cache(maxsize=1 << 14)
def _parts(piece: Tuple[str, ...]) -> bool:
    """Whether these tokens are parted without a blank between them."""
    return tokenize("".join(piece), lower=False) == list(piece)


def _capital(text: str) -> str:
    """`text` with a large first letter, where that made small again is the same letter; 3rd, <unk>, and what is large, stay."""
    for place, letter in enumerate(text):
        if letter.isalpha():
            large = letter.upper()
            return text[:place] + large + text[place + 1 :] if large.lower() == letter else text
        if letter.isalnum() or letter == "<":
            return text
    return text


@functools.lru_cache(maxsize=1)
def _pattern() -> Pattern[str]:
    """What a token is; of several that fit, the first one."""
    char = _char()
    apostrophe = rf"(?!{_SUFFIX}(?!{char}))'"
    ampersand = rf"&(?!(?:amp|lt|gt|quot|apos)(?!{char}))"  # what is left of an entity is none
    start = rf"(?:\d+(?:[.,:]\d+)+{char}*|{char}+)"
    kinds = [
        r"\[(?:NUM|URL)\]",
        _address(),
        _ELISION,
        rf"{_SUFFIX}(?!{char})|{_CLIPPED}(?!{char})",
        rf"[^\W\d_](?:\.[^\W\d_])+(?!{char})",
        rf"{start}(?:(?:-|{apostrophe}|{ampersand}){char}+)*",
        r"\.{2,}|-{2,}|\S",
    ]
    return re.compile("|".join(kinds), re.IGNORECASE)


def _address() -> str:
    label = rf"{_char()}{{1,63}}"  # so many at most, as DNS has it; without bounds a long line takes its square of time
    name, path = rf"{label}(?:[-.]{label}){{0,15}}\.{_DOMAIN}(?!{_char()})", r"[^\s\"'<>()]*[\w/]"
    return rf"(?:https?://|www\.){path}|{name}(?:/{path})?"


@functools.lru_cache(maxsize=1)
def _is_address() -> Pattern[str]:
    return re.compile(_address(), re.IGNORECASE)


@functools.lru_cache(maxsize=1)
def _char() -> str:
    """What a word is made of. Python counts no combining mark as such, and Hindi's vowels are some."""
    marks = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
    return rf"[\w{marks}]"
