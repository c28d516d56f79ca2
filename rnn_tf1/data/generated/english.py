"""English sentences at random, written by the grammar that `bilingual` translates."""

from typing import Any, Iterable, Iterator, List, NamedTuple, Tuple

import numpy as np

from rnn_tf1.data.generated import lexicon as words

SHORTEST, LONGEST = 3, 20  # words of a sentence

_ONE, _MANY = ["the"] * 4 + ["a"] * 2, ["the"] * 4 + ["some"] * 2  # these come more often than the others
_ONE += ["this", "my", "his", "our", "their", "every"]
_MANY += ["these", "my", "his", "our", "their", "two", "three", "four", "many", "several"]
_NEGATED = [
    [word for word in _ONE if word != "every"],  # one
    ["the", "these", "my", "his", "our", "their", "any", "any"],  # many
]
_BE = ("am", "is", "are", "are")
_AN = tuple("aeio") + ("umb", "unc", "ugly", "honest")  # beginnings of words after "an"; "useful" takes "a"


class _Phrase(NamedTuple):
    english: List[str]
    kind: str  # of noun
    form: int  # of the verb: for I, he, we, they


def sentences(random: np.random.RandomState) -> Iterator[str]:
    """An endless stream of English sentences of 3 to 20 words, with a capital first letter and a full stop."""
    writer = _Writer(random)
    while True:
        text = _write(writer.sentence())
        if SHORTEST <= len(text.split()) <= LONGEST:
            yield text


def _write(english: List[str]) -> str:
    text = ""
    for word, follower in zip(english, english[1:] + [""]):
        if word == "a" and follower.startswith(_AN):
            word = "an"
        elif word == "i" or word in words.NAMES:
            word = word.capitalize()
        text += (" " if text and word != "," else "") + word
    return text[0].upper() + text[1:] + "."


class _Writer(object):
    """Writes phrases as lists of words in small letters. What is `plain` has no clause and no noun inside it."""

    def __init__(self, random: np.random.RandomState) -> None:
        self.random = random
        self.timed = False  # whether this sentence has said when

    def chance(self, share: float) -> bool:
        return self.random.random_sample() < share

    def pick(self, choices: Iterable[Any]) -> Any:
        listed = list(choices)
        return listed[int(self.random.random_sample() * len(listed))]

    def sentence(self) -> List[str]:
        self.timed = self.chance(0.1)
        english = [self.pick(words.WHEN), ","] if self.timed else []
        if not self.chance(0.35):
            return english + self.clause()
        joining = self.pick(words.JOINING)
        return [*english, *self.clause(), *[","] * (joining == "but"), joining, *self.clause()]

    def clause(self, plain: bool = False) -> List[str]:
        if self.chance(0.07):
            many = self.chance(0.5)
            article = self.pick(["no", "some", "two", "three", "many", "several"] if many else ["no", "a"])
            kind = self.pick(["people", "animals", "things"])
            there = ["there", "are" if many else "is", article, *self.noun(kind, many)]
            return there + self.circumstances()
        subject = self.subject(plain)
        return subject.english + self.predicate(subject, plain)

    def subject(self, plain: bool) -> _Phrase:
        if self.chance(0.22):
            pronoun = self.pick(words.PRONOUNS)
            return _Phrase([pronoun], "people", words.PRONOUNS[pronoun][2])
        if self.chance(0.1):
            pair = [*self.someone(), "and", *self.someone()]
            return _Phrase(pair, "people", 3)
        if self.chance(0.1):
            return _Phrase([self.pick(words.NAMES)], "people", 1)
        kinds = ["people"] * 3 + ["animals"] * 2
        return self.noun_phrase(self.pick(kinds if plain else [*kinds, "things"]), plain)

    def someone(self) -> List[str]:
        """A name, or a noun without anything after it."""
        if self.chance(0.2):
            return [self.pick(words.NAMES)]
        return self.noun_phrase("people", plain=True).english

    def noun_phrase(self, kind: str, plain: bool, negated: bool = False) -> _Phrase:
        many = self.chance(0.4)
        article = self.pick(_NEGATED[many] if negated else _MANY if many else _ONE)
        phrase = _Phrase([article, *self.noun(kind, many)], kind, 3 if many else 1)
        if plain or (negated and article in ("a", "any")):
            return phrase
        if self.chance(0.12):
            return phrase._replace(english=[*phrase.english, "of", *self.someone()])
        if self.chance(0.15):
            return phrase._replace(english=[*phrase.english, "that", *self.relative_clause(phrase)])
        return phrase

    def noun(self, kind: str, many: bool) -> List[str]:
        """A noun, perhaps with adjectives."""
        adjectives = [self.pick(suiting) for suiting in words.SUITING[kind] if self.chance(0.22)]
        return [*adjectives, self.pick(words.FORMS[kind])[many]]

    def relative_clause(self, phrase: _Phrase) -> List[str]:
        alive = phrase.kind in ("people", "animals")
        if alive and self.chance(0.5):
            return self.predicate(phrase, plain=True)
        subject = self.subject(plain=True)
        kind = "handling" if phrase.kind == "things" and self.chance(0.6) else "transitive"
        return subject.english + self.verb(kind, subject.form)[0]

    def predicate(self, subject: _Phrase, plain: bool) -> List[str]:
        form = subject.form
        if subject.kind == "things" or self.chance(0.18):
            between = self.pick([[], [], [], ["not"], ["never"], [self.pick(words.OFTEN)]])
            if self.chance(0.2):
                return [_BE[form], *between, *self.place()]
            very = ["very"] * self.chance(0.2)
            adjective = self.pick(self.pick(words.SUITING[subject.kind]))
            return [_BE[form], *between, *very, adjective, *self.circumstances()]
        if self.chance(0.09):
            negated = self.chance(0.2)
            return [
                _BE[form],
                *["not"] * negated,
                "going to",
                *self.action(subject, plain, infinitive=True, negated=negated),
            ]
        if self.chance(0.12):
            verb, negated = self.verb("wishing", form)
            return verb + self.action(subject, plain, infinitive=True, negated=negated)
        if not plain and self.chance(0.06):
            return [self.pick(words.FORMS["saying"])[form == 1], "that", *self.clause(plain=True)]
        return self.action(subject, plain)

    def action(self, subject: _Phrase, plain: bool, infinitive: bool = False, negated: bool = False) -> List[str]:
        """A verb and its object."""
        kinds = ["intransitive"] * 3 + ["transitive"] * 3
        kind = self.pick(kinds + ["handling"] * 2 + ["giving"] if subject.kind == "people" else kinds)
        if infinitive:
            verb = [self.pick(words.FORMS[kind])[0]]
        else:
            verb, negated = self.verb(kind, subject.form)
        if kind == "intransitive":
            return verb + self.circumstances()
        if kind == "transitive" and self.chance(0.2):
            own = {0: "me", 2: "us"}.get(subject.form)
            return [*verb, self.pick(word for word in words.OBJECTS if word != own), *self.circumstances()]
        if kind == "transitive" and self.chance(0.1):
            return [*verb, self.pick(words.NAMES), *self.circumstances()]
        what = self.pick(["people", "animals", "things", "places"]) if kind == "transitive" else "things"
        verb = verb + self.noun_phrase(what, plain, negated).english
        if kind == "giving" and self.chance(0.7):
            verb = [*verb, "to", *self.someone()]
        return verb + self.circumstances()

    def verb(self, kind: str, form: int) -> Tuple[List[str], bool]:
        """The words of a verb for that person, and whether they are negated."""
        base, third = self.pick(words.FORMS[kind])
        if base == third and self.chance(0.2):  # can and must
            return ["cannot"] if base == "can" else [base, "not"], True
        if base != third and self.chance(0.16):
            return ["does not" if form == 1 else "do not", base], True
        finite = third if form == 1 else base
        if base != third and self.chance(0.06):
            return ["never", finite], True
        return [self.pick(words.OFTEN), finite] if base != third and self.chance(0.08) else [finite], False

    def circumstances(self) -> List[str]:
        english = []
        if self.chance(0.25):
            english = self.place()
        elif self.chance(0.06):
            english = ["with", *self.someone()]
        if not self.timed and self.chance(0.1):
            self.timed = True
            english.append(self.pick(words.WHEN))
        return english

    def place(self) -> List[str]:
        where = self.pick(word for word in words.WHERE if word != "with")
        return [where, *self.noun_phrase("places", plain=True).english]
