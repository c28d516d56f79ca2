"""English sentences of a small grammar, each with exactly one French translation: a stand-in for real data.

French needs what English does not express: gender, agreement of adjectives and verbs, adjectives before the noun or after
it, le and la and de without their vowel, du and des, ne ... pas around the verb and pas de, pronouns before the verb.

`translate` reads English and knows nothing of how `sentences` writes it.
"""

import os
import zlib
from typing import Any, Dict, List, NamedTuple, NoReturn, Optional, Tuple

import numpy as np

from rnn_tf1.data.files.outside import holds
from rnn_tf1.data.generated import lexicon as words
from rnn_tf1.data.generated.english import sentences
from rnn_tf1.data.generated.grammar import NOTE
from rnn_tf1.errors import DataError
from rnn_tf1.program.files import atomic_path, make_directory

_BE, _GO = words.Verb("être", ("suis", "est", "sommes", "sont")), words.Verb("aller", ("vais", "va", "allons", "vont"))
_COPULAS = ("am", "is", "are", "are")  # for I, he, we, they
_VOWELS = "aeiouyhàâéèêîôœ"
_CUT = ("le", "la", "je", "ne", "me", "de", "que")  # lose their vowel before another
_MERGED = {
    ("de", "le"): "du",
    ("de", "les"): "des",
    ("à", "le"): "au",
    ("à", "les"): "aux",
    ("de", "des"): "de",
    ("de", "de"): "de",
}
_BEFORE_VOWEL = {"ma": "mon", "sa": "son", "ce": "cet"}


class Phrase(NamedTuple):
    """The French of a noun phrase, and what verbs and adjectives need to know about it."""

    french: List[str]
    gender: str
    form: int  # which of a verb's: for je, il, nous, ils


def translate(english: str) -> str:
    """The French translation of a sentence of the grammar.

    Raises:
      DataError: for a sentence that is not English, or not of this grammar; names the word where it stops.
    """
    reader = _Reader(english.lower().rstrip(" .").replace(",", " ,").replace("cannot", "can not").split(), english)
    return _write(reader.sentence())


def generate(folder: str, counts: Dict[str, int], seed: int = 0) -> None:
    """Writes parallel text into `folder`: for each part the files PART.en and PART.fr, each whole or not at all.

    A note that is written last lets `is_current` know. Raises `OutputError` if the folder is not writable.

    Args:
      counts: {part: pairs}; no sentence occurs twice, in one part or in two.
      seed: the text is a function of `counts` and `seed`.
    """
    make_directory(folder)
    source, seen = sentences(np.random.RandomState(seed)), set()
    for part, count in counts.items():
        chosen: List[str] = []
        while len(chosen) < count:
            sentence = next(source)
            if sentence not in seen:
                seen.add(sentence)
                chosen.append(sentence)
        for language, lines in (("en", chosen), ("fr", list(map(translate, chosen)))):
            _save(os.path.join(folder, "%s.%s" % (part, language)), "".join(line + "\n" for line in lines))
    _save(os.path.join(folder, NOTE), _note(counts, seed))


def is_current(folder: str, counts: Dict[str, int], seed: int = 0) -> bool:
    """Whether `generate` has finished in `folder` with these arguments and this grammar."""
    names = ["%s.%s" % (part, language) for part in counts for language in ("en", "fr")]
    current = holds(os.path.join(folder, NOTE), _note(counts, seed))
    return current and all(os.path.exists(os.path.join(folder, name)) for name in names)


def _note(counts: Dict[str, int], seed: int) -> str:
    """The identity of the grammar: a checksum of some sentences and of all words."""
    source = sentences(np.random.RandomState(seed))
    text = "".join("%s\t%s\n" % (english, translate(english)) for english, _ in zip(source, range(300)))
    text += repr([words.NOUNS, words.BEFORE, words.BEHIND, words.VERBS])
    sizes = ", ".join("%s %s" % (part, count) for part, count in counts.items())
    checksum = zlib.crc32(text.encode("utf-8"))
    return "Written by the grammar of rnn_tf1.data.generated.bilingual: %s; crc32 %08x.\n" % (sizes, checksum)


def _save(path: str, text: str) -> None:
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def _write(french: List[str]) -> str:
    """French words as a sentence: vowels dropped, de and le as one word, a large first letter, a full stop."""
    merged: List[str] = []
    for place, word in enumerate(french):
        follower = french[place + 1] if place + 1 < len(french) else ""
        if word in ("le", "la") and _is_vowel(follower):
            word = "l'"
        if merged and (merged[-1], word) in _MERGED:
            word = _MERGED[merged.pop(), word]
        merged.append(word)
    text = ""
    for word, follower in zip(merged, merged[1:] + [""]):
        if (word in _CUT and _is_vowel(follower)) or (word == "si" and follower in ("il", "ils")):
            text += word[:-1] + "'"
        else:
            text += word + ("" if word.endswith("'") or follower in (",", "") else " ")
    return text[0].upper() + text[1:] + "."


def _is_vowel(word: str) -> bool:
    """Whether the word before this one loses its vowel."""
    return bool(word) and word[0].lower() in _VOWELS and word not in words.ASPIRATED


def _agree(forms: Tuple[str, ...], gender: str, plural: bool, vowel: bool = False) -> str:
    """The form of an adjective; `vowel`: whether what follows it begins with one."""
    if gender == "f":
        return forms[4 if plural else 2]
    return forms[3 if plural else 1 if vowel else 0]


def _around(group: List[str], negation: str, adverb: str = "") -> List[str]:
    """A verb, and the pronoun before it, with "ne" before them, and "pas" or "jamais" or an adverb after them."""
    return (["ne", *group, negation] if negation else group) + [adverb] * bool(adverb)


class _Reader(object):
    """Reads an English sentence from left to right, and gives the French of what it has read."""

    def __init__(self, english: List[str], whole: str) -> None:
        self.english, self.whole, self.place = english, whole, 0

    def sentence(self) -> List[str]:
        french: List[str] = []
        opening = self.choose(words.WHEN)
        if opening:
            self.expect(",")
            french += [*opening.split(), ","]
        french += self.clause()
        if self.place < len(self.english):
            comma = self.accept(",")
            joining = self.choose(words.JOINING) or self.fail()
            french += [","] * comma + joining.split() + self.clause()
        if self.place < len(self.english):
            self.fail()
        return french

    def clause(self) -> List[str]:
        if self.accept("there"):
            many = self.accept("are")
            if not many:
                self.expect("is")
            none = self.accept("no")
            phrase = self.noun_phrase(article="no" if none else "")
            if many != (phrase.form > 1):
                self.fail()
            group = ["il", "ne", "y", "a", "pas"] if none else ["il", "y", "a"]
            return [*group, *phrase.french, *self.circumstances()]
        subject = self.subject()
        return subject.french + self.predicate(subject)

    def subject(self) -> Phrase:
        pronoun = self.choose(words.PRONOUNS)
        if pronoun:
            french, gender, form = pronoun
            return Phrase([french], gender, form)
        first = self.noun_phrase()
        if not self.accept("and"):
            return first
        second = self.noun_phrase()
        gender = "f" if first.gender == second.gender == "f" else "m"
        return Phrase([*first.french, "et", *second.french], gender, 3)

    def noun_phrase(self, negated: bool = False, article: str = "") -> Phrase:
        """A name, or article, adjectives, noun and what follows it; `negated` if "a" follows "does not see"."""
        gender = "" if article else self.choose(words.NAMES)
        if gender:
            return Phrase([self.english[self.place - 1].capitalize()], gender, 1)
        if not article:
            if self.here not in words.SINGULAR and self.here not in words.PLURAL:
                self.fail()
            article = self.take()
        before, after = self.adjectives(words.BEFORE), self.adjectives(words.BEHIND)
        noun, plural = (
            next((nouns[self.here] for nouns in words.NOUNS.values() if self.here in nouns), None) or self.fail()
        )
        if article != "no" and article not in (words.PLURAL if plural else words.SINGULAR):
            self.fail()
        self.take()
        french = [noun.many if plural else noun.one]
        for forms in reversed(before):
            french.insert(0, _agree(forms, noun.gender, plural, vowel=_is_vowel(french[0])))
        french += [_agree(forms, noun.gender, plural) for forms in after]
        if article == "no" or (negated and article in ("a", "an", "any")) or (article in ("some", "any") and before):
            french.insert(0, "de")
        elif plural:
            french = words.PLURAL[article].split() + french
        else:
            determiner = words.SINGULAR[article][noun.gender == "f"]
            french.insert(0, _BEFORE_VOWEL.get(determiner, determiner) if _is_vowel(french[0]) else determiner)
        phrase = Phrase(french, noun.gender, 3 if plural else 1)
        if self.accept("of"):
            return phrase._replace(french=[*french, "de", *self.noun_phrase().french])
        if self.accept("that"):
            return phrase._replace(french=french + self.relative_clause(phrase))
        return phrase

    def relative_clause(self, phrase: Phrase) -> List[str]:
        """What follows "that": a clause without its object, or one without its subject."""
        if any(self.here in table for table in (words.PRONOUNS, words.NAMES, words.SINGULAR, words.PLURAL)):
            subject = self.subject()
            return ["que", *subject.french, *self.predicate(subject, gap=True)]
        return ["qui", *self.predicate(phrase)]

    def predicate(self, subject: Phrase, gap: bool = False) -> List[str]:
        """A verb and what belongs to it; where there is a `gap`, without its object."""
        form, negation = subject.form, ""
        if self.here in _COPULAS:
            self.expect(_COPULAS[form])
            negation = "pas" if self.accept("not") else "jamais" if self.accept("never") else ""
            if self.accept("going to"):
                return _around([_GO.forms[form]], negation) + self.action(negation=negation, gap=gap)
            if gap:
                self.fail()
            adverb, very = self.choose(words.OFTEN), self.accept("very")
            adjective = self.choose(words.BEFORE) or self.choose(words.BEHIND)
            agreeing = [*["très"] * very, _agree(adjective, subject.gender, form > 1)] if adjective else []
            where = [] if very and not adjective else self.circumstances()
            if not agreeing and not where:
                self.fail()
            return [*_around([_BE.forms[form]], negation, adverb), *agreeing, *where]
        third = form == 1
        if self.accept("does not" if third else "do not"):
            third, negation = False, "pas"
        elif self.accept("never"):
            negation = "jamais"
        adverb, start = self.choose(words.OFTEN), self.place
        verb = self.verb("saying", third)
        if verb and not gap and self.accept("that"):
            return [*_around([verb.forms[form]], negation, adverb), "que", *self.clause()]
        self.place = start
        verb = self.verb("wishing", third)
        if verb:
            negation = "pas" if self.accept("not") else negation
            return _around([verb.forms[form]], negation, adverb) + self.action(negation=negation, gap=gap)
        return self.action(form, third, negation, adverb, gap)

    def action(
        self, form: int = -1, third: bool = False, negation: str = "", adverb: str = "", gap: bool = False
    ) -> List[str]:
        """A verb with its object; the infinitive where `form` is -1."""
        kind, verb = next(((k, v) for k in words.ACTIONS for v in [self.verb(k, third)] if v), None) or self.fail()
        pronoun = "" if gap or kind == "intransitive" else self.choose(words.OBJECTS)
        if gap and kind == "intransitive":
            self.fail()
        phrase = [] if gap or pronoun or kind == "intransitive" else self.noun_phrase(bool(negation)).french
        if kind == "giving" and self.accept("to"):
            phrase = [*phrase, "à", *self.noun_phrase().french]
        group = [pronoun] * bool(pronoun) + [verb.infinitive if form < 0 else verb.forms[form]]
        return [*(group if form < 0 else _around(group, negation, adverb)), *phrase, *self.circumstances()]

    def circumstances(self) -> List[str]:
        """Where, with whom, and when."""
        french: List[str] = []
        while True:
            where = self.choose(words.WHERE)
            when = "" if where else self.choose(words.WHEN)
            if not where and not when:
                return french
            french += [*where.split(), *self.noun_phrase().french] if where else when.split()

    def adjectives(self, table: Dict[str, Tuple[str, ...]]) -> List[Tuple[str, ...]]:
        found = []
        while self.here in table:
            found.append(table[self.take()])
        return found

    def verb(self, kind: str, third: bool) -> Optional[words.Verb]:
        """The verb of that kind at this position, in the form for he if it is the `third` person, or None."""
        start, found = self.place, self.choose(words.VERBS[kind])
        if found and third in found[1]:
            return found[0]
        self.place = start
        return None

    @property
    def here(self) -> str:
        return self.english[self.place] if self.place < len(self.english) else ""

    def take(self) -> str:
        self.place += 1
        return self.english[self.place - 1]

    def accept(self, phrase: str) -> bool:
        """Whether these words are next; if so, reads them."""
        expected = phrase.split()
        found = self.english[self.place : self.place + len(expected)] == expected
        self.place += len(expected) * found
        return found

    def expect(self, phrase: str) -> None:
        if not self.accept(phrase):
            self.fail()

    def choose(self, table: Dict[str, Any]) -> Any:
        """Reads the longest phrase at this position that is in the table, and returns its entry; "" for none."""
        for length in (3, 2, 1):
            phrase = " ".join(self.english[self.place : self.place + length])
            if phrase in table and self.accept(phrase):
                return table[phrase]
        return ""

    def fail(self) -> NoReturn:
        raise DataError(
            "%r: the grammar has nothing that goes on with %r (word %s). Pass a sentence of the kind that it writes."
            % (self.whole, self.here or "the end", self.place + 1)
        )
