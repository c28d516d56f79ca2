"""Wrong lines for the likeliest tokens and sequences: greedy, beam search, and what both look at."""

from planted import Mutant

BEAM, LOOP, CHECKS = ["rnn_tf1/decoding/%s.py" % name for name in ("beam", "loop", "checks")]

TESTS = "tests/decoding/test_beam.py -k "
TEST_GREEDY, TEST_BROKEN = TESTS + "against_a_loop", TESTS + "greedy_without"
TEST_DRAWN, TEST_EQUAL = TESTS + "of_drawn", TESTS + "lowest_of_equal"
TEST_ALL, TEST_NARROW, TEST_ONE = TESTS + "test_all_sequences", TESTS + "test_narrow", TESTS + "width_one"
TEST_END, TEST_ENDED = (TESTS + "loop_ends", TESTS + "ended_beam_says")
TEST_WRONG, TEST_FORBIDDEN, TEST_PLACES = TESTS + "breaks_down", TESTS + "forbidden", TESTS + "source_places"
TEST_LSTM, TEST_TEXTS, TEST_TYPES = TESTS + "an_lstm", TESTS + "on_the_others", TESTS + "other_types"
TEST_MISTAKES, TEST_ROWS, TEST_BOUNDS = TESTS + "test_mistakes", TESTS + "other_rows", TESTS + "out_of_bounds"

MUTANTS = [
    Mutant(
        LOOP,
        "tf.where_v2(possible, best[:, 0], tf.shape(logits)[1])",
        "best[:, 0]",
        TEST_BROKEN,
        "a token where a model has broken down",
    ),
    Mutant(
        LOOP,
        "        likely, best = tf.nn.top_k(logits, 1)",
        "        likely = logits\n        best = tf.shape(logits)[1] - 1 - tf.argmax(logits[:, ::-1], 1, tf.int32)[:, None]",
        TEST_EQUAL,
        "the last of equal tokens",
    ),
    Mutant(
        LOOP,
        "tuple(tf.where_v2(running[:, None], x, tf.zeros_like(x)) for x in aligned)",
        "aligned",
        TEST_DRAWN,
        "what an ended row looks at kept",
    ),
    Mutant(
        LOOP,
        "next_token(new_logits, new_state, i, running)",
        "next_token(new_logits, state, i, running)",
        TEST_GREEDY,
        "what the step before looked at",
    ),
    Mutant(
        BEAM,
        "is_first = tf.equal(zeros + tf.range(width), 0)",
        "is_first = tf.equal(zeros, 0)",
        TEST_ALL,
        "every sequence found as often as there are beams",
    ),
    Mutant(
        BEAM,
        "            state = _with_rows(state, tf.reshape(parents + width * tf.range(batch)[:, None], [-1]))\n",
        "",
        TEST_LSTM,
        "a state that stays in its place when its beam moves",
    ),
    Mutant(
        BEAM, "parents + width * tf.range(batch)[:, None]", "parents", TEST_TEXTS, "all texts' states the first one's"
    ),
    Mutant(BEAM, "tf.range(batch * width) // width", "tf.range(batch * width) % batch", TEST_TEXTS, "texts mixed up"),
    Mutant(
        BEAM,
        "(i < count) & tf.reduce_any(beams.running)",
        "(i < count) & tf.reduce_any(beams.running[:, 0])",
        TEST_NARROW,
        "an end with the best beam's",
    ),
    Mutant(BEAM, "(i < count) & tf.reduce_any(beams.running)", "i < count", TEST_END, "steps behind the end"),
    Mutant(
        BEAM,
        "lengths = beams.lengths + tf.cast(beams.running, tf.int32)",
        "lengths = beams.lengths + 1",
        TEST_NARROW,
        "ended beams that grow longer",
    ),
    Mutant(
        BEAM,
        "    scores = tf.where_v2(running, scores, itself)\n",
        "    scores = tf.where_v2(running, scores, impossible)\n",
        TEST_NARROW,
        "ended beams that are lost",
    ),
    Mutant(
        BEAM,
        "tf.where_v2(tf.equal(tf.range(branches), 0), beams.scores[:, :, None], impossible)",
        "tf.where_v2(tf.range(branches) >= 0, beams.scores[:, :, None], impossible)",
        TEST_NARROW,
        "ended beams that multiply",
    ),
    Mutant(
        BEAM,
        "    log_probabilities = tf.where_v2(running, log_probabilities, beams.log_probabilities[:, :, None])\n",
        "",
        TEST_NARROW,
        "an ended beam that becomes less likely",
    ),
    Mutant(
        BEAM,
        "running=tf.gather(beams.running, parents, batch_dims=1) & tf.not_equal(tokens, stop)",
        "running=tf.gather(beams.running, parents, batch_dims=1)",
        TEST_NARROW,
        "beams that go on behind their end",
    ),
    Mutant(
        BEAM,
        "lengths=tf.where_v2(exists, tf.gather(lengths, parents, batch_dims=1), 0)",
        "lengths=tf.where_v2(exists, lengths, 0)",
        TEST_NARROW,
        "the length of another beam",
    ),
    Mutant(
        BEAM,
        "tuple(tf.gather(c, parents, batch_dims=1) for c in covered)",
        "covered",
        TEST_NARROW,
        "the coverage of another beam",
    ),
    Mutant(BEAM, "exists = scores > impossible", "exists = scores <= 0", TEST_ALL, "empty places that hold something"),
    Mutant(
        BEAM,
        "tf.where_v2(exists, tf.gather(flat(log_probabilities), best, batch_dims=1), impossible)",
        "tf.gather(flat(log_probabilities), best, batch_dims=1)",
        TEST_FORBIDDEN,
        "an empty place that is as likely as the ended beam before it",
    ),
    Mutant(
        BEAM,
        "min(width, vocabulary) if isinstance",
        "min(width, 2) if isinstance",
        TEST_NARROW,
        "two continuations of a beam and no more",
    ),
    Mutant(
        BEAM,
        "    log_p = tf.where_v2(likely > impossible, log_p, impossible)",
        "    pass",
        TEST_FORBIDDEN,
        "NaN where a beam cannot go on",
    ),
    Mutant(
        BEAM,
        "tf.nn.log_softmax(tf.cast(logits, tf.float32))",
        "tf.cast(tf.nn.log_softmax(logits), tf.float32)",
        TEST_TYPES,
        "log-probabilities of three digits",
    ),
    Mutant(
        BEAM,
        "    likely, ids = tf.nn.top_k(logits, branches)\n",
        "    likely, ids = tf.nn.top_k(tf.nn.log_softmax(logits), branches)\n",
        TEST_ONE,
        "the first of tokens that rounding makes equal",
    ),
    Mutant(
        BEAM,
        "    logits = tf.gather(logits, tf.where_v2(flags, rows, tf.reduce_max(tf.where_v2(flags, rows, 0))))\n",
        "",
        TEST_ENDED,
        "a model that may not say anything behind an end",
    ),
    Mutant(
        BEAM,
        'tf.reduce_all(logits < float("inf"))',
        'tf.reduce_any(logits < float("inf"))',
        TEST_WRONG,
        "sequences of a model that has broken down",
    ),
    Mutant(
        BEAM,
        "tf.reduce_all(scores[:, 0] > impossible)",
        "tf.reduce_all(scores[:, 0] >= impossible)",
        TEST_FORBIDDEN,
        "a text without any sequence",
    ),
    Mutant(BEAM, "along(x, before, 0.0)", "along(x, after, 0.0)", TEST_NARROW, "alignments of the beam after"),
    Mutant(
        BEAM,
        "return before, tf.concat([before[1:], last[None]], 0)",
        "return before, before",
        TEST_NARROW,
        "tokens of the beam before",
    ),
    Mutant(BEAM, "        reverse=True,\n", "", TEST_NARROW, "the way back, forwards"),
    Mutant(
        BEAM,
        "(5.0 + tf.cast(lengths, tf.float32)) / 6.0",
        "(5.0 + tf.cast(lengths, tf.float32) - 1) / 6.0",
        TEST_ALL,
        "the stop token not counted",
    ),
    Mutant(
        BEAM,
        "tf.minimum(tf.maximum(a, 1e-30), 1.0)",
        "tf.maximum(a, 1e-30)",
        TEST_ALL,
        "a place looked at twice that makes up for another",
    ),
    Mutant(BEAM, "tf.maximum(a, 1e-30)", "a", TEST_PLACES, "a place that was never looked at, and hides all else"),
    Mutant(
        BEAM,
        "            inside = tf.sequence_mask(steps, source)[:, None]\n",
        "            inside = tf.sequence_mask(steps + source, source)[:, None]\n",
        TEST_PLACES,
        "places behind the source's end",
    ),
    Mutant(
        BEAM,
        "inside = tf.range(count) < lengths[:, :, None]",
        "inside = tf.range(count) <= lengths[:, :, None]",
        TEST_NARROW,
        "tokens or alignments behind the end",
    ),
    Mutant(
        BEAM,
        "with tf.control_dependencies([tf.debugging.assert_equal(tf.shape(part)[0], batch, message=message)]):",
        "if True:",
        TEST_ROWS,
        "a state that is tiled already",
    ),
    Mutant(BEAM, "v >= 1 and (most is None or v <= most)", "v >= 1", TEST_BOUNDS, "more of the best than beams"),
    Mutant(
        CHECKS,
        "if not logits.shape.is_compatible_with(expected):",
        "if False:",
        TEST_MISTAKES,
        "logits of another vocabulary",
    ),
]
