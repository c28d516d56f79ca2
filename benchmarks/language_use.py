"""Reading a text and writing one by a language model: all of it in few session calls, beside a call for each word.

The networks are those of language_model.py, small and medium, with random weights. --task score: the perplexity of a text, read
as one stream with its state carried, a word or 100 words in a call. --task sample: 1,000 words by a session call for each, in
one call, and in one call as ten texts of 100 words.
"""

import argparse
import dataclasses
import os
import statistics
import time

import numpy as np
from language_model import ROWS, SIZES, VOCABULARY, config_of, save, tensorflow_session, words


def wide(config):
    """With weights so large that what was read before tells: with the published ones, a state that is lost changes nothing. Of
    twice this size, a network is chaotic, and rounding alone makes two perplexities of one text."""
    return dataclasses.replace(config, init_scale=2.5 / config.units**0.5)


def compare_scoring(flags):
    """Seconds for a text of --count words, and its perplexity, by 1 and by 100 words in a call; in turn, in one process."""
    from rnn_tf1 import Mode
    from rnn_tf1.data.text.text import Windows
    from rnn_tf1.experiments.language.language_model import SCORED_STEPS, score
    from rnn_tf1.models.language_model import build_language_model

    text, found = np.resize(words(ROWS)[1], flags.count), {}
    for size in flags.sizes:

        def build(tf, size=size):
            static, fused = (wide(config_of(size, unroll)) for unroll in ("static", "fused"))
            with tf.variable_scope("m"):
                nets = [build_language_model(static, Mode(False), batch_size=1, steps=1, name="by_word")]
            with tf.variable_scope("m", reuse=True):
                nets += [build_language_model(fused, Mode(False), batch_size=1, steps=SCORED_STEPS, name="by_100")]
            return nets

        session, nets = tensorflow_session(build)
        for net, steps in zip(nets, (1, SCORED_STEPS)):
            score(session, net, Windows(text[:200], steps, 0))
        times, values = {1: [], SCORED_STEPS: []}, {}
        for _ in range(flags.rounds):
            for net, steps in zip(nets, (1, SCORED_STEPS)):
                started = time.perf_counter()
                values[steps] = score(session, net, Windows(text, steps, 0))
                times[steps].append(time.perf_counter() - started)
        ratio = statistics.median(a / b for a, b in zip(times[1], times[SCORED_STEPS]))
        one, many = values[1], values[SCORED_STEPS]
        if not abs(one - many) <= 1e-3 * one:
            raise SystemExit("%s: perplexity %r by 1 word in a call, %r by %d" % (size, one, many, SCORED_STEPS))
        found[size] = {"seconds": times, "perplexity": values}
        print("%s: %d words, %d in a call %.2f times as fast as 1; " % (size, flags.count, SCORED_STEPS, ratio), end="")
        print("perplexity %.4f and %.4f" % (many, one), flush=True)
    return found


def sampling_ways(size):
    """Three ways to draw a number of words, each a function of it.

    A call for each is what people write: the graph reads a word and the state, both fed, and Python draws the next word.
    """
    import rnn_tf1
    from rnn_tf1.models.language_model import build_sampler

    units, scale = SIZES[size][0], SIZES[size][3]

    def build(tf):
        with tf.variable_scope("m", initializer=tf.random_uniform_initializer(-scale, scale)):
            sampler = build_sampler(config_of(size, "static"), log_probabilities=False)
        with tf.variable_scope("m", reuse=True):
            word = tf.placeholder(tf.int32, [1])
            cell = rnn_tf1.MultiRNNCell([rnn_tf1.BasicLSTMCell(units, forget_bias=0.0) for _ in range(2)])
            state = cell.zero_state(1, tf.float32)
            x = tf.nn.embedding_lookup(tf.get_variable("embedding", [VOCABULARY, units]), word)
            outputs, new_state = rnn_tf1.static_rnn(cell, [x], initial_state=state, scope="RNN")
            logits = tf.matmul(outputs[0], tf.get_variable("softmax_w", [units, VOCABULARY]))
            p = tf.nn.softmax(logits + tf.get_variable("softmax_b", [VOCABULARY]))
        return sampler, word, state, p, new_state

    session, (sampler, word, state, p, new_state) = tensorflow_session(build)
    random = np.random.RandomState(0)

    def by_calls(count):
        drawn, values = 1, session.run(state)
        for _ in range(count):
            chances, values = session.run([p, new_state], {word: [drawn], state: values})
            cumulative = np.cumsum(chances[0].astype(np.float64))
            drawn = int(np.searchsorted(cumulative, random.rand() * cumulative[-1]))

    def in_one(count, rows=1):
        feed = {sampler.prompts: [[1]] * rows, sampler.lengths: [1] * rows, sampler.count: count // rows}
        session.run(sampler.sampled.tokens, feed)

    return {"by a call for each": by_calls, "in one call": in_one, "as ten texts": lambda count: in_one(count, 10)}


def compare_sampling(flags):
    """Seconds for --count words by a call for each, in one call, and in one call as ten texts; in turn, in one process."""
    found = {}
    for size in flags.sizes:
        ways = sampling_ways(size)
        times = found[size] = {way: [] for way in ways}
        for way in ways.values():
            way(50)
        for _ in range(flags.rounds):
            for name, way in ways.items():
                started = time.perf_counter()
                way(flags.count)
                times[name].append(time.perf_counter() - started)
        print("%s: %d words" % (size, flags.count))
        for name, seconds in times.items():
            ratio = statistics.median(a / b for a, b in zip(times["by a call for each"], seconds))
            print("  %-20s %8.3f s %6.2f times as fast" % (name, statistics.median(seconds), ratio), flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    tasks = {"score": compare_scoring, "sample": compare_sampling}
    add("--task", choices=list(tasks), default="score", help="(default: %(default)s)")
    add("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES), help="of the network (default: both)")
    add("--rounds", type=int, default=5, help="of each way (default: %(default)s)")
    add("--count", type=int, default=1000, help="words (default: %(default)s)")
    add("--out", help="a JSON file for the figures")
    flags = parser.parse_args()
    print("load before it begins: %.1f" % os.getloadavg()[0])
    found = tasks[flags.task](flags)
    save(found, flags.out)


if __name__ == "__main__":
    main()
