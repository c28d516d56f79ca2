"""Language models of Penn Treebank's newspaper text: the published sizes, with their recipes, and one of ours."""

import dataclasses
from typing import Any, Callable, Dict, Mapping

from rnn_tf1.data.text import ptb
from rnn_tf1.data.text.vectors import read_vectors
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.language import pictures
from rnn_tf1.experiments.language.language_model import LanguageModelling, beginning
from rnn_tf1.models.language_model import LanguageModelConfig, Recurrence
from rnn_tf1.program.files import locked
from rnn_tf1.training import Recipe, Run, StepDecay

QUICK = (20000, 2000)  # tokens of a quick run: to train on, and of the other parts

_SMALL = LanguageModelConfig()
_MEDIUM = LanguageModelConfig(units=650, steps=35, init_scale=0.05, input_keep_prob=0.5, keep_prob=0.5)
_LARGE = LanguageModelConfig(units=1500, steps=35, init_scale=0.04, input_keep_prob=0.35, keep_prob=0.35)
_TEST = LanguageModelConfig(units=2, layers=1, steps=2)
_COMPACT = LanguageModelConfig(
    units=320,
    steps=35,
    init_scale=0.05,
    tied=True,
    variational=True,
    input_keep_prob=0.75,
    keep_prob=0.65,
    recurrent_keep_prob=0.8,
)


def published(epochs: int, constant_epochs: int, factor: float, clip_norm: float) -> Recipe:
    """Plain gradient descent, at a rate of 1 for some epochs, which is then multiplied by `factor` after each."""
    return Recipe(epochs, 1.0, clip_norm, StepDecay(constant_epochs, factor), "sgd")


# Zaremba et al. 2014, and the tutorial that came with TensorFlow 1. Compact is ours: 40 epochs of it take two hours on two
# cores. It has one table for words and softmax (Press and Wolf 2017; Inan et al. 2017), masks for all steps (Gal and Ghahramani
# 2016) on words, states and outputs, the first rate as long as the validation text gains by it, then a slow decay.
CONFIGS = {
    "small": (_SMALL, published(13, 4, 0.5, 5.0)),
    "medium": (_MEDIUM, published(39, 6, 0.8, 5.0)),
    "large": (_LARGE, published(55, 14, 1 / 1.15, 10.0)),
    "test": (_TEST, published(1, 1, 0.5, 1.0)),
    "compact": (_COMPACT, published(40, 12, 0.85, 5.0)),
}


class PennTreebank(LanguageModelling):
    """One of the sizes.

    Args:
      settings: those of ``examples/ptb.py``.
      make_cell, network: see `models.language_model.Recurrence`.
    """

    figures = Figures(
        "ptb",
        Figure("valid_perplexity", "perplexity: validation", "%.2f"),
        Figure("test_perplexity", "test", "%.2f"),
    )

    def __init__(self, settings: Any, make_cell: Callable[..., Any], network: Callable[..., Any]):
        config, recipe = CONFIGS[settings.config]
        config = dataclasses.replace(
            config,
            cell=settings.cell,
            unroll=settings.unroll,
            sampled=settings.sampled_softmax or 0,
            train_embedding=not settings.freeze_vectors,
        )
        epochs = settings.epochs or (1 if settings.quick else recipe.epochs)
        recipe = dataclasses.replace(recipe, epochs=epochs)
        super().__init__(settings, recipe, config, recurrence=Recurrence(make_cell, network))

    def load(self) -> None:
        settings = self.settings
        self.data = ptb.load(settings.data_dir, settings.generated, settings.vocabulary)
        if settings.quick:
            self.data = beginning(self.data, *QUICK)
        self.origin, self.identity = self.data.origin, self.data.identity
        self.config = dataclasses.replace(self.config, vocabulary=len(self.data.vocabulary))
        if settings.vectors:
            self.vectors, known = read_vectors(settings.vectors, self.data.vocabulary, self.config.units)
            print("vectors: %d of %d words are in %s" % (known, len(self.data.vocabulary), settings.vectors))
        super().load()

    def report(self, run: Run) -> Dict[str, Any]:
        values, best_possible = super().report(run), self.data.perplexity
        test = values["test_perplexity"]
        pictures.perplexity_curves(run.history, self.picture("perplexity.png"), run.best_epoch, test, best_possible)
        if best_possible is not None:
            print("the best possible perplexity: %.2f" % best_possible)
            values["best_possible_perplexity"] = best_possible
        return dict(values, best_epoch=run.best_epoch)

    def main(self) -> Mapping[str, Any]:
        """See `Experiment.main`; goes on with texts. Then a run that has finished is neither trained nor scored again."""
        settings = self.settings
        values: Mapping[str, Any] = {}
        with locked(settings.out_dir):
            self.load()
            if settings.sample and self.is_finished():
                print("This run has finished: its figures are in %s" % self.picture("metrics.json"))
            else:
                run = self.train()
                values = self.report(run)
                self.figures.publish(settings, self.origin, run.seconds, values)
            if settings.sample:
                filters = dict(temperature=settings.temperature, top_k=settings.top_k, top_p=settings.top_p)
                stop = self.data.vocabulary.end if settings.stop else None
                print("\n\n".join(self.write_on(settings.sample, settings.count, stop=stop, **filters)))
        return values
