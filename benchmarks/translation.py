"""Training and decoding a translator: ours beside a plain PyTorch encoder-decoder with attention of the same sizes.

Both have a bidirectional GRU encoder, a GRU decoder that is fed what it attended to (Bahdanau's attention), 256 numbers for a
word, a softmax over the vocabulary, Adam, the gradient clipped as a whole; both train on the same batches, in turn in
processes of their own, in several rounds; the median round counts. "bucketed" is the model of 2014 with attention, a static
graph for each of four pairs of lengths and 64 rows a batch (`rnn_tf1.legacy.bucketed`). Then each decodes the same 1,000
sentences, greedily and with 5 beams, sorted by length, for as many steps as the longest reference is long: random weights
seldom end a sentence ("ended" says how many), so that both do the same work. PyTorch's loops over the time steps and the beams
are in Python, as its tutorials write them; it may live in another Python (--peers).

The sentences are Multi30k's, or the generated ones where these are missing. Beside other work no figure means anything: the
load of the machine is printed first.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
from language_model import has_module, save, tensorflow_session

UNITS, DEPTH, CLIP, RATE, TOKENS, ROWS = 512, 256, 1.0, 1e-3, 1000, 50
END, START = 2, 1
BUCKETS = ((10, 12), (15, 18), (25, 30), (60, 60))


def sentences(count):
    """Pairs to train on and `count` to decode, and the two vocabularies' sizes."""
    from rnn_tf1.data.pairs import translation

    data = translation.load()
    test = translation.Lines(*(side[:count] for side in data.test))
    parts = [translation.tokenize_lines(lines) for lines in (data.train, test)]
    source, target = (translation.make_sentence_vocabulary(side, least=2) for side in parts[0])
    train, test = (translation.encode(tokens, source, target) for tokens in parts)
    return data.kind, train, test, (len(source), len(target))


def rate(step, batches, seconds):
    """Target words per second; the first five batches, which prepare things, are left out."""
    for batch in batches[:5]:
        step(batch)
    words, number, started = 0, 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        batch = batches[number % len(batches)]
        step(batch)
        words, number = words + int(batch.target_lengths[batch.places >= 0].sum()), number + 1
    return words / (time.perf_counter() - started)


def torch_model(source_vocabulary, target_vocabulary):
    import torch
    from torch import nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.source = nn.Embedding(source_vocabulary, DEPTH)
            self.target = nn.Embedding(target_vocabulary, DEPTH)
            self.encoder = nn.GRU(DEPTH, UNITS // 2, bidirectional=True, batch_first=True)
            self.keys = nn.Linear(UNITS, UNITS, bias=False)
            self.query = nn.Linear(UNITS, UNITS, bias=False)
            self.v = nn.Linear(UNITS, 1, bias=False)
            self.cell = nn.GRUCell(2 * DEPTH, UNITS)
            self.read = nn.Linear(2 * UNITS, DEPTH, bias=False)
            self.softmax = nn.Linear(DEPTH, target_vocabulary)

        def encode(self, source, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(self.source(source), lengths, True, enforce_sorted=False)
            outputs, last = self.encoder(packed)
            memory, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=source.shape[1])
            mask = torch.arange(source.shape[1])[None] >= lengths[:, None]
            return memory, self.keys(memory), mask, torch.cat([last[0], last[1]], 1)

        def step(self, x, h, attention, memory, keys, mask):
            h = self.cell(torch.cat([x, attention], 1), h)
            scores = self.v(torch.tanh(keys + self.query(h)[:, None])).squeeze(2).masked_fill(mask, -1e30)
            context = torch.bmm(scores.softmax(1)[:, None], memory).squeeze(1)
            return h, self.read(torch.cat([h, context], 1))

        def forward(self, source, lengths, inputs):
            memory, keys, mask, h = self.encode(source, lengths)
            x, attention, outputs = self.target(inputs), torch.zeros(len(h), DEPTH), []
            for t in range(inputs.shape[1]):
                h, attention = self.step(x[:, t], h, attention, memory, keys, mask)
                outputs.append(attention)
            return torch.stack(outputs, 1)

    torch.manual_seed(0)
    return Model()


def torch_trainer(sizes):
    import torch

    model = torch_model(*sizes)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)

    def step(batch):
        arrays = batch.source, batch.source_lengths, batch.target_inputs, batch.target_outputs, batch.target_lengths
        source, lengths, inputs, targets, target_lengths = (torch.from_numpy(a.astype(np.int64)) for a in arrays)
        real = torch.arange(inputs.shape[1])[None] < target_lengths[:, None]
        logits = model.softmax(model(source, lengths, inputs)[real])
        loss = torch.nn.functional.cross_entropy(logits, targets[real])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        return float(loss.detach())

    return step


def torch_decoder(sizes, width):
    import torch

    model = torch_model(*sizes)

    def greedy(source, lengths, count):
        memory, keys, mask, h = model.encode(source, lengths)
        rows = len(source)
        word, attention, written = torch.full([rows], START), torch.zeros(rows, DEPTH), []
        done = torch.zeros(rows, dtype=torch.bool)
        for _ in range(count):
            h, attention = model.step(model.target(word), h, attention, memory, keys, mask)
            word = model.softmax(attention).argmax(1)
            word[done] = END
            done |= word == END
            written.append(word)
            if done.all():
                break
        return torch.stack(written, 1)

    def beams(source, lengths, count):
        rows = len(source)
        memory, keys, mask, h = (x.repeat_interleave(width, 0) for x in model.encode(source, lengths))
        word, attention = torch.full([rows * width], START), torch.zeros(rows * width, DEPTH)
        total = torch.full([rows, width], -float("inf"))
        total[:, 0] = 0
        written, done = torch.zeros([rows * width, 0], dtype=torch.long), torch.zeros(rows * width, dtype=torch.bool)
        for _ in range(count):
            h, attention = model.step(model.target(word), h, attention, memory, keys, mask)
            log_p = model.softmax(attention).log_softmax(1)
            log_p[done] = -float("inf")
            log_p[done, END] = 0
            vocabulary = log_p.shape[1]
            total, best = (total[:, :, None] + log_p.view(rows, width, -1)).view(rows, -1).topk(width, 1)
            parents = (best // vocabulary + torch.arange(rows)[:, None] * width).view(-1)
            word = (best % vocabulary).view(-1)
            h, attention, done = h[parents], attention[parents], done[parents] | (word == END)
            written = torch.cat([written[parents], word[:, None]], 1)
            if done.all():
                break
        return written.view(rows, width, -1)[:, 0]

    def decode(source, lengths, count):
        with torch.no_grad():
            run = greedy if width == 1 else beams
            return run(torch.from_numpy(source.astype(np.int64)), torch.from_numpy(lengths.astype(np.int64)), count)

    return decode


def config_of(sizes):
    from rnn_tf1.models.seq2seq import Seq2SeqConfig

    return Seq2SeqConfig(source_vocabulary=sizes[0], target_vocabulary=sizes[1], units=UNITS, depth=DEPTH)


def our_trainer(sizes):
    from rnn_tf1 import Mode
    from rnn_tf1.models.seq2seq import build_seq2seq
    from rnn_tf1.training.optimize import build_train_op

    def build(tf):
        net = build_seq2seq(config_of(sizes), Mode(True, 0))
        return net, build_train_op(net.loss, RATE, tf.train.get_or_create_global_step(), CLIP)

    session, (net, train_op) = tensorflow_session(build)
    places = net.source, net.source_lengths, net.inputs, net.targets, net.lengths

    def step(batch):
        arrays = batch.source, batch.source_lengths, batch.target_inputs, batch.target_outputs, batch.target_lengths
        return session.run([net.loss, train_op.op], dict(zip(places, arrays)))[0]

    return step


def bucketed_trainer(sizes):
    from rnn_tf1 import Mode
    from rnn_tf1.legacy.bucketed import BucketedConfig, build_bucketed
    from rnn_tf1.training.optimize import build_train_op

    def build(tf):
        config = BucketedConfig(*sizes, buckets=BUCKETS, units=UNITS, depth=DEPTH)
        step = tf.train.get_or_create_global_step()
        nets = build_bucketed(config, Mode(True, 0, step))
        return nets, [build_train_op(net.loss, RATE, step, CLIP).op for net in nets]

    session, (nets, ops) = tensorflow_session(build)

    def step(batch):
        net = nets[batch.bucket]
        places = net.source, net.source_lengths, net.inputs, net.targets, net.weights
        arrays = batch.source, batch.source_lengths, batch.target_inputs, batch.target_outputs, batch.weights
        return session.run([net.loss, ops[batch.bucket]], dict(zip(places, arrays)))[0]

    return step


def our_decoder(sizes, width):
    from rnn_tf1.models.seq2seq import build_translator

    session, net = tensorflow_session(lambda tf: build_translator(config_of(sizes), width))

    def decode(source, lengths, count):
        feed = {net.source: source, net.source_lengths: lengths, net.count: count}
        return session.run(net.beams.tokens, feed)[:, 0]

    return decode


def decoded_per_second(decode, test):
    """Sentences per second, and the share that ended; the first batch, which prepares things, is done twice."""
    from rnn_tf1.data.pairs.pair_batches import in_order

    batches = list(in_order(test, ROWS))
    count = max(int(batch.target_lengths.max()) for batch in batches)
    decode(batches[0].source, batches[0].source_lengths, count)
    started = time.perf_counter()
    written = [decode(batch.source, batch.source_lengths, count) for batch in batches]
    seconds = time.perf_counter() - started
    ended = [(np.asarray(tokens) == END).any(1) for tokens in written]
    return len(test.source) / seconds, float(np.concatenate(ended).mean())


def one(name, task, seconds, count):
    """The figures of one process."""
    from rnn_tf1.data.pairs.pair_batches import Buckets, TokenBatches

    kind, train, test, sizes = sentences(count)
    if task == "train":
        made = Buckets(train, BUCKETS, 64) if name == "bucketed" else TokenBatches(train, TOKENS)
        trainers = {"ours": our_trainer, "bucketed": bucketed_trainer, "PyTorch": torch_trainer}
        value, ended = rate(trainers[name](sizes), list(made.batches(0)), seconds), None
    else:
        value, ended = decoded_per_second({"ours": our_decoder, "PyTorch": torch_decoder}[name](sizes, int(task)), test)
    made_of = "%s sentences, vocabularies of %d and %d words" % ((kind,) + sizes)
    return {
        "value": value,
        "ended": ended,
        "of": made_of,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def in_a_process(name, task, flags):
    python = flags.peers if name == "PyTorch" else sys.executable
    command = [python, os.path.abspath(__file__), "--one", name, task]
    command += ["--seconds", str(flags.seconds), "--count", str(flags.count)]
    done = subprocess.run(command, capture_output=True, env=dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3"), text=True)
    if done.returncode:
        raise SystemExit("%s, %s, failed:\n%s" % (name, task, done.stderr[-2000:]))
    return json.loads(done.stdout.splitlines()[-1])


TASKS = {
    "train": "training, target words per second",
    "1": "decoding, 1 beam, sentences per second",
    "5": "decoding, 5 beams, sentences per second",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--rounds", type=int, default=3, help="of each candidate (default: %(default)s)")
    add("--seconds", type=float, default=15.0, help="of training in each round (default: %(default)s)")
    add("--count", type=int, default=1000, help="sentences to decode, at most those of the test (default: %(default)s)")
    add("--peers", metavar="PYTHON", default=sys.executable, help="which runs PyTorch (default: this one)")
    add("--out", help="a JSON file for the figures")
    add("--one", nargs=2, metavar=("NAME", "TASK"), help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.one:
        print(json.dumps(one(*flags.one, flags.seconds, flags.count)))
        return
    print("load before it begins: %.1f" % os.getloadavg()[0])
    peers = ["PyTorch"] * has_module(flags.peers, "torch")
    if not peers:
        print("PyTorch is NOT in %s, and so left out" % flags.peers)
    found = {}
    for task, title in TASKS.items():
        names = ["ours"] + ["bucketed"] * (task == "train") + peers
        rounds = [[in_a_process(name, task, flags) for name in names] for _ in range(flags.rounds)]
        columns = found[task] = dict(zip(names, zip(*rounds)))
        print(
            "\n%s\n%-10s %9s %9s %9s %12s %7s %6s" % (title, "", "median", "least", "most", "ours to it", "MB", "ended")
        )
        (made_of,) = {one["of"] for column in columns.values() for one in column}
        print(made_of)
        ours = [one["value"] for one in columns["ours"]]
        for name in names:
            values = [one["value"] for one in columns[name]]
            ratio = statistics.median(a / b for a, b in zip(ours, values))
            memory = statistics.median(one["mb"] for one in columns[name])
            ended = "" if task == "train" else "%.1f %%" % (100 * columns[name][0]["ended"])
            row = (name, statistics.median(values), min(values), max(values), ratio, memory, ended)
            print("%-10s %9.1f %9.1f %9.1f %12.2f %7.0f %6s" % row, flush=True)
    save(found, flags.out)


if __name__ == "__main__":
    main()
