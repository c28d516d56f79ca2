"""Wrong lines for drawing tokens: filters, single draws, and the loop inside the graph."""

from planted import Mutant

FILE, LOOP, CHECKS = ["rnn_tf1/decoding/%s.py" % name for name in ("sampling", "loop", "checks")]

TESTS = "tests/decoding/test_decoding.py -k "
TEST_TEMPERATURE, TEST_TOP_K, TEST_TIES = TESTS + "test_temperature", TESTS + "test_top_k", TESTS + "ties"
TEST_BRUTE, TEST_ONE = TESTS + "brute_force", TESTS + "keeps_the_rarest"
TEST_LOWEST = TESTS + "lowest_token"
TEST_CHANCES, TEST_INDEPENDENT = TESTS + "over_rows", TESTS + "independent"
TEST_CHAIN, TEST_STOP = TESTS + "a_chain", TESTS + "test_stop"
TEST_END, TEST_LOG, TEST_CALLS = TESTS + "ends_when", TESTS + "behind_the_stop", TESTS + "several_calls"
TEST_SEEDS, TEST_BOUNDS, TEST_LSTM = TESTS + "seeds_of", TESTS + "out_of_bounds", TESTS + "an_lstm"
TEST_BROKEN = TESTS + "without_a_possible"
TEST_TINY, TEST_HUGE, TEST_UNASKED = TESTS + "tiny", TESTS + "beyond_all_numbers", TESTS + "nobody_asks"
TEST_BOTH = TESTS + "both_tensorflows"

MUTANTS = [
    Mutant(
        FILE, "logits - most, logits) / temp", "logits - most, logits) * temp", TEST_TEMPERATURE, "hot and cold swapped"
    ),
    Mutant(
        FILE, "beyond, logits - most, l", "beyond, logits, l", TEST_TINY, "a small temperature that leaves no token"
    ),
    Mutant(
        FILE,
        "tf.maximum(tf.cast(temperature, logits.dtype), tf.cast(least, logits.dtype))",
        "tf.cast(temperature, logits.dtype)",
        TEST_TINY,
        "0 / 0 where a temperature counts as 0",
    ),
    Mutant(FILE, "tf.is_finite(most) & ~tf", "~tf", TESTS + "a_cold", "NaN in a row without a possible token"),
    Mutant(
        FILE, 'scalar(top_k, "top_k", tf.int64', 'scalar(top_k, "top_k", tf.int32', TEST_HUGE, "a k that wraps round"
    ),
    Mutant(FILE, "min(top_k, MOST) if", "top_k if", TEST_HUGE, "a k that no tensor holds"),
    Mutant(FILE, "top_k >= known:", "top_k > known:", TESTS + "no_sorting", "a vocabulary sorted for nothing"),
    Mutant(
        FILE,
        "else tf.minimum(top_k, vocabulary)",
        "else tf.minimum(top_k + 1, vocabulary)",
        TEST_TOP_K,
        "one token more than top_k",
    ),
    Mutant(
        FILE,
        "    return tf.where_v2(mask > 0, logits, tf",
        "    return tf.where_v2((mask > 0) | (logits >= tf.reduce_min(likely, 1, keepdims=True)), logits, tf",
        TEST_TIES,
        "all that are as likely as the k-th kept",
    ),
    Mutant(FILE, "1, exclusive=True)", "1)", TEST_BRUTE, "the token that crosses top_p left out"),
    Mutant(
        FILE,
        "tf.nn.softmax(tf.cast(likely, tf.float64)), 1, ex",
        "tf.gather(tf.nn.softmax(tf.cast(logits, tf.float64)), ids, batch_dims=1), 1, ex",
        TEST_BRUTE,
        "the nucleus of all tokens, not of the top_k",
    ),
    Mutant(FILE, "(before < top_p) | (top_p >= 1)", "before < top_p", TEST_ONE, "rounding at top_p = 1"),
    Mutant(FILE, "tf.shape(logits)[:1], key,", "[1], key,", TEST_INDEPENDENT, "one number for all rows"),
    Mutant(
        FILE,
        "weights = tf.exp(logits - ",
        "weights = tf.exp(0.9 * logits - ",
        TEST_CHANCES,
        "draws a little warmer than asked for",
    ),
    Mutant(FILE, "u * tf.reduce_sum(sums, 1)", "u * sums[:, -1]", TEST_LOWEST, "the last groups never drawn"),
    Mutant(FILE, "bound - tf.reduce_sum(before, 1)", "bound", TEST_LOWEST, "what came before a group counted twice"),
    Mutant(
        FILE, "group * _GROUP + token", "group * _GROUP + token + 1", TEST_CHANCES, "the token behind the one drawn"
    ),
    Mutant(FILE, "tf.cast(seed, tf.int64), tf", "tf.cast(0, tf.int64), tf", TEST_SEEDS, "a seed that is not used"),
    Mutant(FILE, "tf.int64) + position)", "tf.int64))", TEST_CALLS, "a second call that repeats the first"),
    Mutant(FILE, "_filtered(logits, *filters)", "logits", TEST_CHAIN, "filters that the loop leaves out"),
    Mutant(LOOP, "= choose(logits, i)", "= choose(logits, 0)", TEST_BOTH, "one number for all steps of the loop"),
    Mutant(
        LOOP,
        "        token = choose(logits, i)\n",
        "        token = choose(logits, i)\n        logits = logits / 2\n",
        TEST_LSTM,
        "log-probabilities of another distribution than the model's",
    ),
    Mutant(
        LOOP,
        "            new_state = select_rows(running, new_state, state)\n",
        "            pass\n",
        TEST_STOP,
        "a state that reads on behind the stop token",
    ),
    Mutant(
        LOOP,
        "            token = tf.where_v2(running, token, stop)\n",
        "            pass\n",
        TEST_STOP,
        "a row that speaks again behind its stop token",
    ),
    Mutant(
        LOOP,
        "(i < count) & tf.reduce_any(tf.not_equal(token, stop))",
        "i < count",
        TEST_END,
        "steps of the model that nobody asks for",
    ),
    Mutant(
        LOOP,
        "        log_p = tuple(tf.where_v2(running, x, tf.zeros_like(x)) for x in log_p)\n",
        "        pass\n",
        TEST_LOG,
        "what an ended row would say counted",
    ),
    Mutant(
        LOOP,
        "tf.debugging.assert_less(token, tf.shape(logits)[1], m",
        "tf.debugging.assert_less(token - 1, tf.shape(logits)[1], m",
        TEST_BROKEN,
        "a token outside the vocabulary where a model has broken down",
    ),
    Mutant(
        LOOP, "if extras.log_probabilities:  #", "if True:  #", TEST_UNASKED, "a softmax at each step that nobody reads"
    ),
    Mutant(LOOP, "= padded.pop(1) if", "= padded[1] if", TEST_UNASKED, "what was said for what was looked at"),
    Mutant(CHECKS, "if known else True)", "if known else False)", TEST_STOP, "no stop in a vocabulary of unknown size"),
    Mutant(CHECKS, "tf.control_dependencies([refused])", "tf.name_scope(None)", TEST_BOUNDS, "fed numbers unchecked"),
]
