"""Wrong lines for fairy tales, word vectors, what is made of them, and their pictures."""

from planted import Mutant

RUNS, PAGES, EMBEDDINGS = [
    "rnn_tf1/experiments/language/%s.py" % name for name in ("story_models", "story_pages", "word_vectors")
]

OWN = "tests/experiments/test_fairy_examples.py -k "
TEST_SCORE, TEST_WINDOWS, TEST_ORDER = OWN + "perplexity_of_whole", OWN + "windows_of_whole", OWN + "order_of_training"
TEST_PAGES, TEST_TEXT, TEST_DISTINCT = OWN + "test_pages", OWN + "text_of_pairs", OWN + "distinct_phrases"
TEST_LOOPS, TEST_KEPT, TEST_FINITE = OWN + "without_a_space", OWN + "kept_and_checked", OWN + "not_finite"
TEST_SUMMARY, TEST_PROMPTS = OWN + "test_summary", OWN + "test_prompts"
TEST_NEAREST, TEST_RELATED, TEST_PLANE = OWN + "test_nearest", OWN + "relatedness", OWN + "test_plane"
TEST_PROJECTOR, TEST_READ = OWN + "projector_files", OWN + "reading_a_run"

MUTANTS = [
    Mutant(
        "rnn_tf1/experiments/language/language_model.py",
        "total / windows.scored",
        "total / windows.scored * 0.999",
        TEST_SCORE,
        "a mean over more pairs",
    ),
    Mutant(
        RUNS,
        "self._inputs[row, 1 : len(story)] = story[:-1]",
        "self._inputs[row, 0 : len(story) - 1] = story[1:]",
        TEST_WINDOWS,
        "stories that are read from behind their targets",
    ),
    Mutant(
        RUNS,
        "number = iteration % self.stretches.count",
        "number = iteration % EVERY % self.stretches.count",
        TEST_ORDER,
        "a training that begins anew after each look",
    ),
    Mutant(RUNS, "epoch * EVERY + start", "epoch * EVERY", TEST_ORDER, "a resumed run that repeats iterations"),
    Mutant(RUNS, ", clip_norm=CLIP_NORM)", ', "none", CLIP_NORM)', TEST_ORDER, "a learning rate that never comes to 0"),
    Mutant(
        RUNS,
        "figures, monitor = FIGURES, None",
        'figures, monitor = FIGURES, "valid_perplexity"',
        TEST_ORDER,
        "the figure that is published chooses",
    ),
    Mutant(PAGES, "stories[PROMPT : PROMPT + count]", "stories[:count]", TEST_PAGES, "the prompt on the held-out page"),
    Mutant(PAGES, '("argmax", {"top_k": 1})', '("argmax", how)', TEST_PAGES, "a drawn page for the most likely one"),
    Mutant(PAGES, "stories.append([])", "pass", TEST_TEXT, "stories that run into each other"),
    Mutant(
        PAGES, "found[start : most - GRAM + 1 + start]", "found[start:]", TEST_DISTINCT, "long pages judged in full"
    ),
    Mutant(
        PAGES,
        "most = min(len(found), held_out)",
        "most = min(map(len, words.values()))",
        TEST_LOOPS,
        "all judged by the shortest page",
    ),
    Mutant(PAGES, "cut = len(word) > LONGEST", "cut = False", TEST_LOOPS, "a circle without spaces taken for a word"),
    Mutant(PAGES, "cut = len(word) > LONGEST", "cut = len(word) > 20", TEST_LOOPS, "long words of a story cut up"),
    Mutant(PAGES, "if grams else 0.0", "if grams else 1.0", TEST_LOOPS, "a page of three words called varied"),
    Mutant(
        RUNS,
        "        keep_vocabulary(self.tales.vocabulary, self.folder.path)\n",
        "",
        TEST_KEPT,
        "pairs that are not kept",
    ),
    Mutant(
        RUNS, "tied_to(made_of, tales.vocabulary), ", "made_of, ", TEST_KEPT, "pairs that nothing ties to the network"
    ),
    Mutant(RUNS, ", [HASH]))", "))", TEST_KEPT, "a run of an older version refused"),
    Mutant(
        RUNS,
        "sizes = (rows * steps, 1) if",
        "sizes = (rows, 1) if",
        OWN + "without_unrolling",
        "networks of one step that are trained on less",
    ),
    Mutant(RUNS, "    end = {name: value for", "    end = {} and {name: value for", TEST_FINITE, "infinity published"),
    Mutant(
        PAGES, "if pair not in vocabulary.ids}", "if pair in vocabulary.ids}", TEST_PROMPTS, "known pairs are named"
    ),
    Mutant(
        RUNS,
        'run[-1]["valid_perplexity"] < other',
        'run[-1]["valid_perplexity"] > other',
        TEST_SUMMARY,
        "the worse cell called the better one",
    ),
    Mutant(
        EMBEDDINGS,
        "cosines[[here, table.vocabulary.unknown]] = -np.inf",
        "cosines[here] = -np.inf",
        TEST_NEAREST,
        "<unk> as a neighbour",
    ),
    Mutant(
        EMBEDDINGS,
        "directions @ directions[here]",
        "table.vectors @ directions[here]",
        TEST_NEAREST,
        "long vectors come first",
    ),
    Mutant(EMBEDDINGS, " & (partners[:, None] != words)", "", TEST_RELATED, "pairs among those they are compared with"),
    Mutant(
        EMBEDDINGS,
        "cosines[words, places] = -np.inf",
        "cosines[words, places] = 2",
        TEST_RELATED,
        "a word that is its own neighbour",
    ),
    Mutant(
        EMBEDDINGS, "directions -= directions.mean(axis=0)", "pass", TEST_PLANE, "components of what is not centred"
    ),
    Mutant(
        "rnn_tf1/training/checkpoints.py", 'prefix="best"', 'prefix="step"', TEST_READ, "the newest epoch for the best"
    ),
    Mutant(EMBEDDINGS, "vectors.T if turned else vectors", "vectors", TEST_READ, "the softmax unturned"),
    Mutant(EMBEDDINGS, '["word\\tgroup"] + [', "[", TEST_PROJECTOR, "a first word taken for a line of names"),
]
