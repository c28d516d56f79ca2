"""Wrong lines for text: its words, vocabularies and batches, the corpora, their archive, and the grammar that stands in."""

from planted import Mutant

TEXT, PTB, TALES = "rnn_tf1/data/text/text.py", "rnn_tf1/data/text/ptb.py", "rnn_tf1/data/text/fairy_tales.py"
ARCHIVE, GRAMMAR = "rnn_tf1/data/files/archive.py", "rnn_tf1/data/generated/grammar.py"

OF_TEXT, OF_PTB, OF_TALES = (
    "tests/data/test_text.py -k ",
    "tests/data/test_ptb.py -k ",
    "tests/data/test_fairy_tales.py -k ",
)
TEST_WORDS, TEST_BYTES = OF_TEXT + "those_of_the_lines", OF_TEXT + "are_no_text"
TEST_VOCABULARY, TEST_HASH = OF_TEXT + "most_frequent_words", OF_TEXT + "the_hash"
TEST_ANOTHER, TEST_DAMAGED = OF_TEXT + "another_vocabulary", OF_TEXT + "damaged_vocabularies"
TEST_BATCHES, TEST_WINDOWS = OF_TEXT + "go_on_where", OF_TEXT + "every_token_once"
TEST_ARCHIVES, TEST_ENTROPY = OF_PTB + "damaged_archives", OF_PTB + "entropy"
TEST_KINDS = OF_TEXT + "kinds_of_words"
TEST_STORIES, TEST_HELD_OUT = OF_TALES + "whatever_stands", OF_TALES + "held_out"

MUTANTS = [
    Mutant(
        TEXT,
        'rest = words.pop() if words and not text[-1].isspace() else ""',
        'rest = ""',
        TEST_WORDS,
        "a word cut where a chunk ends",
    ),
    Mutant(TEXT, "    if (rest or last) != END:\n", "    if rest:\n", TEST_WORDS, "a last line without its end"),
    Mutant(
        TEXT,
        "    if chunk.startswith(codecs.BOM_UTF8):",
        "    if False:",
        TEST_WORDS,
        "a mark of the byte order read as a word",
    ),
    Mutant(
        TEXT,
        "offset + len(chunk) - len(error.object)",
        "offset",
        TEST_BYTES,
        "a byte counted without what the chunk before left over",
    ),
    Mutant(
        TEXT,
        'line, offset = line + chunk.count(b"\\n"), offset + len(chunk)',
        "offset = offset + len(chunk)",
        TEST_BYTES,
        "a line counted within its chunk",
    ),
    Mutant(TEXT, "final=not chunk)", "final=False)", TEST_BYTES, "a character cut at the end of the file let through"),
    Mutant(
        TEXT,
        "(word, unknown) for word in words",
        "(word, 0) for word in words",
        OF_TEXT + "ids_and_back",
        "an unknown word taken for the first one",
    ),
    Mutant(
        TEXT,
        "if not 0 <= number < len(self):",
        "if not number < len(self):",
        OF_TEXT + "ids_and_back",
        "a negative id counted from the end",
    ),
    Mutant(TEXT, "ranked[: size - len(always)]", "ranked[:size]", TEST_VOCABULARY, "more words than the size"),
    Mutant(
        TEXT,
        "if count >= least and word not in without)",
        "if count > least and word not in without)",
        TEST_VOCABULARY,
        "a word that comes just often enough left out",
    ),
    Mutant(
        TEXT,
        "    kept = sorted(kept + [",
        "    kept = (kept + [",
        TEST_VOCABULARY,
        "<unk> and <eos> not at their place by count",
    ),
    Mutant(TEXT, "json.dumps(list(words))", '"".join(words)', TEST_HASH, "a hash of words run together"),
    Mutant(TEXT, "json.dumps(list(words))", "json.dumps(sorted(words))", TEST_HASH, "a hash that knows no order"),
    Mutant(
        TEXT, "        if saved.hash != self.hash:", "        if False:", TEST_ANOTHER, "another vocabulary let through"
    ),
    Mutant(
        TEXT,
        'if not whole or stored["hash"] != _hash(words):',
        "if not whole:",
        TEST_DAMAGED,
        "a vocabulary changed on the disk let through",
    ),
    Mutant(TEXT, "+ start - 1]", "+ start]", TEST_BATCHES, "a first input that is its own target"),
    Mutant(
        TEXT,
        "        if number == 0:\n",
        "        if False:\n",
        TEST_BATCHES,
        "the text's end read before its beginning",
    ),
    Mutant(
        TEXT,
        "        rows = self.ids[: self.scored].reshape(self.batch_size, -1)\n        start = number * self.steps\n",
        "        rows = self.ids[: self.scored].reshape(-1, self.steps)[number * self.batch_size :][: self.batch_size]\n"
        "        start = 0\n",
        TEST_BATCHES,
        "rows that do not go on where they ended",
    ),
    Mutant(
        TEXT,
        "self.count = -(-self.tokens // steps)",
        "self.count = max(1, self.tokens // steps)",
        TEST_WINDOWS,
        "a last window dropped",
    ),
    Mutant(TEXT, "weights[0, : len(here)] = 1", "weights[0, :] = 1", TEST_WINDOWS, "scored behind the end of the text"),
    Mutant(TEXT, "        if number:\n", "        if False:\n", TEST_WINDOWS, "each window as if the text began there"),
    Mutant(PTB, "read_words(paths[0])", "read_words(paths[1])", OF_PTB + "of_a_folder", "the words of another part"),
    Mutant(
        PTB, "    if found != SHA256[name]:", "    if False:", OF_PTB + "bad_archive", "a checksum that is not compared"
    ),
    Mutant(
        PTB,
        "            os.remove(archive)",
        "            pass",
        OF_PTB + "second_mirror",
        "an archive of 34 MB left behind",
    ),
    Mutant(
        PTB, "or not grammar.is_current(folder)", "", OF_PTB + "made_anew", "a perplexity of another grammar's text"
    ),
    Mutant(
        PTB,
        "known = generated and not any((ids == vocabulary.unknown).any() for ids in (train, validation, test))",
        "known = generated",
        OF_PTB + "no_stated_perplexity",
        "a perplexity of words that are <unk>",
    ),
    Mutant(
        ARCHIVE,
        "if not member.isreg() or member.issparse():",
        "if False:",
        TEST_ARCHIVES,
        "a link in an archive followed",
    ),
    Mutant(ARCHIVE, "if member.size > maximum:", "if False:", TEST_ARCHIVES, "a file of any size read"),
    Mutant(ARCHIVE, "if not 0 <= place <= self.most:", "if False:", TEST_ARCHIVES, "an archive of any size unpacked"),
    Mutant(
        ARCHIVE,
        'member.name[2:] if member.name.startswith("./") else member.name',
        'member.name.lstrip("./")',
        OF_PTB + "only_the_asked",
        "a path that leaves the folder taken for the file",
    ),
    Mutant(GRAMMAR, "chance * math.log(chance)", "chance * math.log2(chance)", TEST_ENTROPY, "bits stated as nats"),
    Mutant(
        GRAMMAR,
        "float(visits @ surprise / visits.sum())",
        "float(surprise.mean())",
        TEST_ENTROPY,
        "all states weighed alike",
    ),
    Mutant(
        GRAMMAR,
        "bisect.bisect_right(limits, number)",
        "bisect.bisect_right(limits, number * number)",
        TEST_ENTROPY,
        "text of other chances than the stated ones",
    ),
    Mutant(
        GRAMMAR,
        'noun_phrase(f"object of who, {number}", verb)',
        'noun_phrase(f"object of who, {number}", "verb {}")',
        OF_PTB + "verbs_agree",
        "a verb that agrees with the nearest noun",
    ),
    Mutant(TALES, "places[-1] :]", "places[0] :]", TEST_STORIES, "a table of contents taken for stories"),
    Mutant(
        TALES,
        "text = text[: licence.start()] if licence else text",
        "pass",
        TEST_STORIES,
        "the licence taken for a part of the last story",
    ),
    Mutant(
        TALES,
        "        bodies[-1] = _ASTERISKS.split(bodies[-1])[0]",
        "        pass",
        TEST_STORIES,
        "an afterword in a story",
    ),
    Mutant(TALES, r"(?:\A|\n{4})", r"(?:\A|\n{3})", TEST_STORIES, "a part of a story taken for a story"),
    Mutant(
        TALES,
        "range(0, len(text), 2)",
        "range(len(text))",
        OF_TALES + "do_not_overlap",
        "pairs that overlap, half of which are known before",
    ),
    Mutant(
        TALES,
        "for number, story in enumerate(used) if number not in held_out]",
        "for number, story in enumerate(used)]",
        TEST_HELD_OUT,
        "validation stories trained on",
    ),
    Mutant(
        TALES,
        "(_tokens(text) for _, text in train), least",
        "(_tokens(text) for _, text in used), least",
        OF_TALES + "frequent_pairs",
        "a vocabulary that has seen the held-out stories",
    ),
    Mutant(TEXT, "if len(counts) > KINDS:", "if False:", TEST_KINDS, "memory for every kind of word"),
    Mutant(TEXT, "lost += most", "lost = most", TEST_KINDS, "counts lower than is said"),
    Mutant(TEXT, "counts.items() if count > most}", "counts.items()}", TEST_KINDS, "nothing forgotten"),
    Mutant(TEXT, "len(counts) - KINDS // 2", "len(counts)", TEST_KINDS, "everything forgotten"),
    Mutant(
        PTB, "        _check_own(folder, missing)\n", "", OF_PTB + "not_mixed", "a user's text with the published test"
    ),
    Mutant(
        PTB,
        "if os.path.getsize(path) > MAX_BYTES:",
        "if False:",
        OF_PTB + "is_not_read",
        "gigabytes read for a checksum",
    ),
    Mutant(
        PTB,
        '(("validation", self.validation), ("test", self.test))',
        '(("validation", self.validation),)',
        OF_PTB + "identity",
        "another test text taken for the same data",
    ),
    Mutant(TALES, "file.read(MAX_BYTES + 1)", "file.read()", OF_TALES + "is_not_read", "a file of any size read"),
    Mutant(
        TALES, '"".join(decoded(path, io.BytesIO(content)))', "content.decode()", OF_TALES + "bad_files", "a traceback"
    ),
]
