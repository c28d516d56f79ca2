"""The baselines against scikit-learn's: an outside witness, on random data."""

import numpy as np
import pytest

from rnn_tf1.experiments import baselines

RANDOM = np.random.RandomState(3)


@pytest.mark.parametrize(("steps", "ahead", "columns", "block"), [(5, 1, 2, 10000), (4, 3, 2, 37), (7, 2, 1, 5)])
def test_least_squares_is_linear_regression(steps, ahead, columns, block, monkeypatch):
    """Weights of another problem: a bias that is punished, columns or steps in another order, pieces that count twice."""
    from sklearn.linear_model import LinearRegression  # here, for it takes seconds, in every worker

    monkeypatch.setattr(baselines.LeastSquares, "BLOCK", block)
    scales = 10.0 ** RANDOM.randint(-2, 3, size=columns)
    pieces = (RANDOM.normal(size=[211, steps + ahead, columns]).cumsum(1) + 50) * scales
    new = pieces[-11:, :steps]
    pieces = pieces[:-11]
    witness = LinearRegression().fit(pieces[:, :steps].reshape(200, -1), pieces[:, steps:].reshape(200, -1))
    found = baselines.LeastSquares(pieces, ahead)(new)
    np.testing.assert_allclose(found, witness.predict(new.reshape(11, -1)), rtol=1e-9)


@pytest.mark.parametrize(("words", "share"), [(30, 0.5), (7, 0.2), (200, 0.9)])
def test_naive_bayes_is_multinomial_of_words_that_come(words, share):
    """Odds that are wrong where every word and text is common, so that the classes of a few texts by hand still come right."""
    from sklearn.naive_bayes import MultinomialNB

    labels = (RANDOM.rand(150) < share).astype(int)
    favoured = RANDOM.dirichlet(np.full(words, 0.3), size=2)
    texts = [RANDOM.choice(words, size=RANDOM.randint(1, 20), p=favoured[label]) for label in labels]
    ours = baselines.NaiveBayes(texts, labels, words)
    witness = MultinomialNB(alpha=1.0).fit(come(texts, words), labels)
    logs = witness.feature_log_prob_
    np.testing.assert_allclose(ours._words, logs[1] - logs[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours._odds, witness.class_log_prior_[1] - witness.class_log_prior_[0], rtol=1e-12)
    new = [RANDOM.randint(words, size=RANDOM.randint(1, 20)) for _ in range(500)]
    found = ours(new)
    assert 50 < found.sum() < 450, "both classes are asked for"
    np.testing.assert_array_equal(found, witness.predict(come(new, words)))


def come(texts, words):
    """[texts, words]: 1 where the word comes in the text."""
    found = np.zeros([len(texts), words])
    for row, ids in zip(found, texts):
        row[ids] = 1
    return found
