"""Wrong lines for parallel text: its lines, words, vocabularies and batches, and the grammar that stands in for it."""

from planted import Mutant

LINES, TOKENIZER = "rnn_tf1/data/files/lines.py", "rnn_tf1/data/text/tokenizer.py"
TRANSLATION, BATCHES = "rnn_tf1/data/pairs/translation.py", "rnn_tf1/data/pairs/pair_batches.py"
BILINGUAL, ENGLISH, LEXICON = (
    "rnn_tf1/data/generated/bilingual.py",
    "rnn_tf1/data/generated/english.py",
    "rnn_tf1/data/generated/lexicon.py",
)
TEXT, ORDER = "rnn_tf1/data/text/text.py", "rnn_tf1/data/batches.py"

OF_DATA, OF_WORDS = "tests/data/test_translation_data.py -k ", "tests/data/test_tokenizer.py -k "
OF_GRAMMAR = "tests/data/test_bilingual.py -k "
TEST_LINES, TEST_NO_TEXT = OF_DATA + "line_feeds_alone", OF_DATA + "are_no_text"
TEST_APART, TEST_WRITTEN = OF_WORDS + "taken_apart", OF_WORDS + "as_a_person"
TEST_LOAD, TEST_BAD = OF_DATA + "files_of_a_folder", OF_DATA + "bad_files"
TEST_WORDS, TEST_IDS = OF_DATA + "most_frequent", OF_DATA + "become_ids"
TEST_BUDGET, TEST_ORDERS = OF_DATA + "so_many_tokens", OF_DATA + "orders_of_their_own"
TEST_BUCKETS, TEST_EVALUATION = OF_DATA + "fixed_shapes", OF_DATA + "once_in_order"
TEST_FRENCH, TEST_WHOLE = OF_GRAMMAR + "by_hand", OF_GRAMMAR + "made_whole"

MUTANTS = [
    Mutant(LINES, '(rest + text).split("\\n")', "[*(rest + text).splitlines(), '']", TEST_LINES, "lines at U+2028"),
    Mutant(LINES, 'if line.endswith("\\r")', "if False", TEST_LINES, "a carriage return that stays at the end"),
    Mutant(LINES, "packed and size", "size", OF_DATA + "as_large_as", "a limit on files that are not packed"),
    Mutant(LINES, "size += len(text)", "size = len(text)", TEST_NO_TEXT, "a small file that unpacks to any number"),
    Mutant(LINES, "_checked(path, number + 1, rest)\n    except", "pass\n    except", TEST_NO_TEXT, "an endless line"),
    Mutant(
        LINES,
        "        if error.errno is None:",
        "        if False:",
        TEST_NO_TEXT,
        "a wrong checksum not called damage",
    ),
    Mutant(LINES, "file.peek(2)[:2]", "file.read(2)", OF_DATA + "pipe", "the first two bytes lost"),
    Mutant(
        LINES,
        'file.peek(2)[:2] == b"\\x1f\\x8b"',
        'file.read(2) == b"\\x1f\\x8b" or file.seek(0)',
        OF_DATA + "pipe",
        "a pipe that is turned back",
    ),
    Mutant(LINES, "wrong.start() + 1", "wrong.start()", OF_DATA + "named", "another character blamed"),
    Mutant(LINES, "(EOFError, zlib.error)", "zlib.error", TEST_NO_TEXT, "a traceback where the file breaks off"),
    Mutant(
        TEXT, "saved = self.load(path)", "saved = Vocabulary.load(path)", OF_DATA + "told_apart", "the base class alone"
    ),
    Mutant(TOKENIZER, 'rf"(?!{_SUFFIX}(?!{char}))\'"', '"\'"', TEST_APART, "man's as one word"),
    Mutant(TOKENIZER, "{{0,15}}", "*", OF_WORDS + "length_of_time", "the whole line looked through for each word"),
    Mutant(TOKENIZER, "{{0,15}}", "{{0,5}}", OF_WORDS + "sensible", "addresses of seven names cut"),
    Mutant(TOKENIZER, "{{1,63}}", "{{1,62}}", OF_WORDS + "sensible", "the longest names cut"),
    Mutant(TOKENIZER, "(?:[cdjlmnst]|qu|", "(?:[cdjlmnst]|", TEST_APART, "qu' not taken for an elision"),
    Mutant(TOKENIZER, "(?:\\d+(?:[.,:]\\d+)+{char}*|", "(?:", TEST_APART, "numbers cut at their point"),
    Mutant(TOKENIZER, 'unicodedata.normalize("NFC", text', 'str("" + text', TEST_APART, "letters in two pieces"),
    Mutant(TOKENIZER, "text = text.translate(_PLAIN)", "pass", TEST_APART, "two kinds of apostrophes"),
    Mutant(TOKENIZER, 'return rf"[\\w{marks}]"', 'return r"\\w"', TEST_APART, "Hindi's vowels cut off"),
    Mutant(
        TOKENIZER, " and _parts(pieces[-1] + (token,))", "", TEST_WRITTEN, "blanks left out where they part two words"
    ),
    Mutant(TOKENIZER, "closes = opened[token] or (", "closes = (", TEST_WRITTEN, "quotation marks that always open"),
    Mutant(TOKENIZER, 'left -= token == "\'"', "pass", TEST_WRITTEN, "the girls' team with an apostrophe that opens"),
    Mutant(TOKENIZER, 'or letter == "<":', ":", TEST_WRITTEN, "an unknown word made large"),
    Mutant(TOKENIZER, "if large.lower() == letter else text", "", TEST_WRITTEN, "a large first letter that is another"),
    Mutant(
        TRANSLATION,
        'for end in ("", ".gz")',
        'for end in (".gz", "")',
        TEST_LOAD,
        "the packed file instead of one's own",
    ),
    Mutant(TRANSLATION, "evaluation=number > 0", "evaluation=False", TEST_BAD, "a blank line that is scored"),
    Mutant(TRANSLATION, "if len(source) != len(target):", "if False:", TEST_BAD, "two languages out of step"),
    Mutant(
        TRANSLATION,
        "itertools.chain(lines.source, lines.target)",
        "lines.source",
        OF_DATA + "identity",
        "a data set known by one of its languages",
    ),
    Mutant(
        TRANSLATION,
        "or not set(missing) <= set(SHA256)",
        "or False",
        OF_DATA + "other_folders",
        "a language fetched that has no checksum",
    ),
    Mutant(TRANSLATION, "rank(counts, least, special)", "rank(counts, least, ())", TEST_WORDS, "<unk> twice"),
    Mutant(TRANSLATION, "[*special, *words][:size]", "[*special, *words[:size]]", TEST_WORDS, "four words too many"),
    Mutant(TRANSLATION, "len(right)) > longest", "len(right)) >= longest", TEST_IDS, "one word less than allowed"),
    Mutant(TRANSLATION, "max(len(left), len(right))", "len(left)", TEST_IDS, "long targets let through"),
    Mutant(TRANSLATION, "            empty += 1\n", "            pass\n", TEST_IDS, "pairs left out uncounted"),
    Mutant(TRANSLATION, "not evaluation and max", "max", OF_DATA + "evaluation_leaves", "long sentences not scored"),
    Mutant(
        TRANSLATION, "-1 if reverse_source else 1", "1", OF_DATA + "turned_round", "a source that is never turned round"
    ),
    Mutant(
        BATCHES,
        "_lengths(pairs.target) + 1)\n        worst",
        "_lengths(pairs.target))\n        worst",
        TEST_BUDGET,
        "</s>",
    ),
    Mutant(BATCHES, "if (place + 1 - start) * length", "if (place - start) * length", TEST_BUDGET, "one pair too many"),
    Mutant(BATCHES, "                start = place\n", "                pass\n", TEST_BUDGET, "batches that shrink"),
    Mutant(BATCHES, 'order[np.argsort(self._lengths[order], kind="stable")]', "order", TEST_BUDGET, "pairs not sorted"),
    Mutant(
        BATCHES,
        "order = epoch_order(len(self._lengths), self.seed, epoch)",
        "order = np.arange(len(self._lengths))",
        TEST_ORDERS,
        "the same pairs together in each epoch",
    ),
    Mutant(ORDER, "return order[start:]", "return order", TEST_BUDGET, "no resuming"),
    Mutant(
        ORDER,
        "np.random.RandomState([seed, epoch, 1]).permutation(count)",
        "np.arange(count)",
        TEST_ORDERS,
        "unmixed",
    ),
    Mutant(BATCHES, "np.append(ids, _STOP)", "np.append(_STOP, ids)", OF_DATA + "by_hand", "</s> before the sentence"),
    Mutant(BATCHES, "np.argsort(-_lengths(", "np.argsort(_lengths(", TEST_EVALUATION, "the shortest sentences first"),
    Mutant(
        BATCHES,
        "        weights[len(places) :] = 0\n",
        "        pass\n",
        TEST_BUCKETS,
        "rows that only fill up counted",
    ),
    Mutant(BATCHES, "target_length <= target", "target_length < target", TEST_BUCKETS, "a bucket larger than needed"),
    Mutant(
        BATCHES,
        "< batch.target_lengths[:, None]",
        "< batch.target_lengths[:, None] - 1",
        TEST_BUCKETS,
        "</s> unweighted",
    ),
    Mutant(
        BILINGUAL,
        'gender = "f" if first.gender == second.gender == "f"',
        'gender = "f" if "f" == second.gender',
        TEST_FRENCH,
        "a man and a woman in the feminine",
    ),
    Mutant(BILINGUAL, 'word in ("le", "la") and _is_vowel(follower)', "False", TEST_FRENCH, "du ami"),
    Mutant(BILINGUAL, "and word not in words.ASPIRATED", "", TEST_FRENCH, "l'héros"),
    Mutant(BILINGUAL, "_BEFORE_VOWEL.get(determiner, determiner)", "determiner", TEST_FRENCH, "ma école"),
    Mutant(BILINGUAL, '(negated and article in ("a", "an", "any"))', "False", TEST_FRENCH, "pas un oiseau"),
    Mutant(BILINGUAL, '(article in ("some", "any") and before)', "False", TEST_FRENCH, "des bons œufs"),
    Mutant(BILINGUAL, "vowel=_is_vowel(french[0])", "vowel=False", TEST_FRENCH, "un vieux homme"),
    Mutant(BILINGUAL, '["ne", *group, negation]', '["ne", *group[::-1], negation]', TEST_FRENCH, "il n'aime le pas"),
    Mutant(
        BILINGUAL,
        "            if sentence not in seen:",
        "            if True:",
        OF_GRAMMAR + "comes_twice",
        "test sentences in training",
    ),
    Mutant(
        BILINGUAL,
        "text += repr([words.NOUNS, words.BEFORE, words.BEHIND, words.VERBS])",
        "pass",
        TEST_WHOLE,
        "stale text",
    ),
    Mutant(
        ENGLISH, 'if word == "a" and follower.startswith(_AN):', "if False:", OF_GRAMMAR + "own_agreement", "a apple"
    ),
    Mutant(
        ENGLISH, "SHORTEST <= len(text.split()) <= LONGEST", "True", OF_GRAMMAR + "are_rich", "sentences of any length"
    ),
    Mutant(LEXICON, 'if stem.endswith("g") else stem', "if False else stem", TEST_FRENCH, "nous mangons"),
    Mutant(LEXICON, 'masculine if masculine[-1] in "sx"', 'masculine if masculine[-1] in "x"', TEST_FRENCH, "griss"),
]
