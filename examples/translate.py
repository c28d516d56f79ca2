"""Translate English into French, and see what the network looks at: an encoder, a decoder, and attention between them.

With no flags: Multi30k's 29,000 captions, about an hour on two CPU cores; it goes on where it was stopped. The score is BLEU
on unseen captions, by sacrebleu, with beam search. --attention none is the network that must put a whole sentence into one
vector; --beside draws its BLEU by the length of the sentence together with that of another run. --generated takes sentences
of a small grammar: some minutes. A trained network is used from its folder: --translate FILE, --interactive, --export FOLDER.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import choice, real, switch, whole

from typing import Optional

import rnn_tf1 as rnn
from rnn_tf1.experiments.translation.settings import TranslatorSettings


def encoder(words, lengths, config, mode):
    """words [batch, time, depth] -> memory [batch, time, units], and the state in which the decoder begins."""
    if not config.bidirectional:
        cell = rnn.make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)
        return rnn.dynamic_rnn(cell, words, lengths, dtype=words.dtype, scope="encoder")
    half = config.cell, config.units // 2, 1, config.keep_prob, mode
    forward, backward = ([rnn.make_cell(*half) for _ in range(config.layers)] for _ in range(2))
    return rnn.bidirectional_stack(forward, backward, words, lengths, scope="encoder")


def decoder(memory, lengths, config, mode):
    """memory [batch, time, units] -> the cell that reads a word at each step, and gives [batch, depth] to the softmax."""
    cell = rnn.make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)
    if config.attention is None:
        return rnn.OutputProjectionWrapper(cell, config.depth)
    attend = rnn.BahdanauAttention if config.attention == "bahdanau" else rnn.LuongAttention
    return rnn.AttentionWrapper(cell, attend(config.units, memory, lengths), attention_layer_size=config.depth)


class Flags(TranslatorSettings):
    attention: str = choice("bahdanau", ("bahdanau", "luong", "none"), "how the decoder looks back")
    cell: str = choice("gru", ("gru", "lstm", "basic", "layer_norm"), "recurrent cell")
    units: Optional[int] = whole(None, "of each layer (default: 512, generated: 256)", least=2)
    depth: Optional[int] = whole(None, "of the words' vectors (default: 256, generated: 128)")
    layers: int = whole(1, "of the encoder and of the decoder")
    one_direction: bool = switch("an encoder that reads from left to right alone")
    keep_prob: Optional[float] = real(None, "dropout keeps so much (default: 0.6, generated: 1)", most=1)
    smoothing: Optional[float] = real(None, "of the targets (default: 0.1, generated: 0)", above=-1e-09, most=1)
    scheduled_sampling: float = real(0.0, "how often it reads its own at the end of training", above=-1e-09, most=1)
    tied: bool = switch("one table for the target words' vectors and the softmax")
    sampled: int = whole(0, "against N drawn words", flag="--sampled-softmax", metavar="N")
    epochs: Optional[int] = whole(None, "of training (default: 20, generated: 4)")
    tokens: int = whole(1000, "of a side of a batch")
    learning_rate: Optional[float] = real(None, "at the start (default: 0.001, generated: 0.002)")


def main() -> None:
    settings = Flags.parse("translate", __doc__)
    from rnn_tf1.experiments.translation import experiment

    experiment.main(settings, encoder, decoder)


if __name__ == "__main__":
    cli.run_main(main)
