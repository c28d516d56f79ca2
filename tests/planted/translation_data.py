"""Wrong lines for parallel text: its lines, words, vocabularies and batches, and the grammar that stands in for it."""

from planted import Mutant

BATCHES = "rnn_tf1/data/pairs/pair_batches.py"
ORDER = "rnn_tf1/data/batches.py"

OF_DATA = "tests/data/test_translation_data.py -k "
TEST_BUDGET, TEST_ORDERS = OF_DATA + "so_many_tokens", OF_DATA + "orders_of_their_own"
TEST_BUCKETS, TEST_EVALUATION = OF_DATA + "fixed_shapes", OF_DATA + "once_in_order"

MUTANTS = [
    Mutant(
        BATCHES,
        " _lengths(pairs.target) + 1)",
        " _lengths(pairs.target))",
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
]
