"""Transformations of a series before a network reads it, and their inverses for the network's forecasts.

A series is float64 [time, columns]; a forecast may have more axes in front, such as [passes, ahead, columns].
"""

from typing import Optional, Sequence, Tuple, Union

import numpy as np

from rnn_tf1.errors import Argument, DataError


class Differences(object):
    """Differences of a series at several lags in turn, y(t) = x(t) - x(t - lag), and the inverse.

    Lag 1 removes a trend, the length of a season removes the season. Without lags, nothing is changed.

    Attributes:
      lags: tuple of int.
      needed: the number of values before the first difference that it depends on: the sum of the lags.

    Raises:
      DataError: for a lag that is not a whole number of at least 1.
    """

    def __init__(self, lags: Sequence[int]) -> None:
        for lag in lags:
            if not isinstance(lag, (int, np.integer)) or lag < 1:
                raise DataError(
                    "There is no difference at lag %r. Pass whole numbers of at least 1: 1 for the step before, "
                    "7 for the same day of the week before." % lag
                )
        self.lags = tuple(int(lag) for lag in lags)
        self.needed = sum(self.lags)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The differences [time - needed, columns] of `values` [time, columns].

        Raises:
          DataError: for a series too short to have one, and for values that are not finite.
        """
        result = _series(values, "values")
        if len(result) <= self.needed:
            raise DataError(
                "The series has length %s, but differences at lags %s need %s values "
                "or more. Pass a longer series, or shorter lags." % (len(result), self.lags, self.needed + 1)
            )
        for lag in self.lags:
            result = result[lag:] - result[:-lag]
        return result.copy()

    def undo(self, differences: np.ndarray, before: np.ndarray) -> np.ndarray:
        """The series whose differences continue those of `before`: [..., ahead, columns], like `differences`.

        Args:
          before: the series [time, columns] up to the first of the `differences`; its last `needed` rows are used.

        Raises:
          DataError: for too few rows in `before`, values in it that are not finite, and shapes that do not fit.
        """
        result, series = np.array(differences, np.float64), _series(before, "before")
        if result.ndim < 2 or result.shape[-1] != series.shape[1]:
            raise DataError(
                "Differences of shape %s cannot continue a series of shape %s. "
                "Pass [..., ahead, columns] and [time, columns], with the same columns." % (result.shape, series.shape)
            )
        if len(series) < self.needed:
            raise DataError(
                "The series before has length %s, but undoing differences at lags %s needs its last "
                "%s values. Pass more of it." % (len(series), self.lags, self.needed)
            )
        stages = [series[len(series) - self.needed :]]  # the values before: without a difference, after the first, ...
        for lag in self.lags:
            stages.append(stages[-1][lag:] - stages[-1][:-lag])
        for lag, stage in reversed(list(zip(self.lags, stages))):
            known = np.broadcast_to(stage[len(stage) - lag :], result.shape[:-2] + (lag, series.shape[1]))
            result = np.concatenate([known, result], -2)
            for start in range(lag, result.shape[-2], lag):
                part = result[..., start : start + lag, :]
                part += result[..., start - lag : start - lag + part.shape[-2], :]
            result = result[..., lag:, :]
        return result


class Scaling(object):
    """Scales each column: minus its mean, divided by its standard deviation; both of the training part only.

    Attributes:
      mean: float64 [columns].
      deviation: float64 [columns].

    Raises:
      DataError: for a column that is constant, or whose deviation overflows float64, and for values that are not finite.
    """

    def __init__(self, values: np.ndarray, names: Optional[Sequence[str]] = None) -> None:
        """Measures the training part, `values` [time, columns]; `names` are those of the columns in errors."""
        values = _series(values, "values")
        if not len(values):
            raise DataError("There are no values to take a mean of. Pass at least two rows.")
        with np.errstate(over="ignore", invalid="ignore"):
            self.mean, self.deviation = values.mean(0), values.std(0)
        self.deviation[values.min(0) == values.max(0)] = 0  # rounding would give a constant 0.1 a deviation of 1e-17
        for column, deviation in enumerate(self.deviation):
            if not 0 < deviation < np.inf:
                name = names[column] if names else "column %s" % (column + 1)
                raise DataError(
                    "Column %r has a standard deviation of %s in the %s rows for training, by "
                    "which it cannot be scaled. Leave the column out, by naming the others with "
                    % (name, deviation, len(values)),
                    Argument("columns"),
                    ".",
                )

    def apply(self, values: np.ndarray) -> np.ndarray:
        """`values` [..., columns] as the network reads them. Raises `DataError` for other columns, or not finite ones."""
        return (_finite(self._fitting(values), "values") - self.mean) / self.deviation

    def undo(self, scaled: np.ndarray) -> np.ndarray:
        """`scaled` [..., columns] in the units of the series. Raises `DataError` for other columns."""
        return self._fitting(scaled) * self.deviation + self.mean

    def undo_deviation(self, scaled: np.ndarray) -> np.ndarray:
        """Standard deviations and widths of error bars, `scaled` [..., columns], in the units of the series.

        They are differences, so no mean is added. Raises `DataError` for other columns.
        """
        return self._fitting(scaled) * self.deviation

    def _fitting(self, values: np.ndarray) -> np.ndarray:
        values, columns = np.asarray(values, np.float64), len(self.mean)
        if values.shape[-1:] != (columns,):
            raise DataError(
                "The shape is %s, but the scaling is of %s columns: pass [..., %s]." % (values.shape, columns, columns)
            )
        return values


def split(
    values: np.ndarray, valid: Union[int, float], test: Union[int, float]
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Splits `values` [time, ...] into training, validation and test: consecutive in time, in this order, not shuffled.

    Args:
      valid, test: the sizes of the last two: a fraction of all rows, between 0 and 1, which is rounded, or a whole number of
        rows; the training part has the rest.

    Returns:
      Views of the three parts.

    Raises:
      DataError: for other sizes, and if a part would be empty.
    """
    sizes = []
    for name, size in (("valid", valid), ("test", test)):
        if 0 < size < 1:
            size = round(size * len(values))
        elif not size >= 1 or size % 1:
            raise DataError("%s is %s. Pass a fraction between 0 and 1, or a whole number of rows." % (name, size))
        sizes.append(int(size))
    rows = (len(values) - sum(sizes), sizes[0], sizes[1])
    if min(rows) < 1:
        raise DataError(
            "With valid=%s and test=%s, %s rows are split into %s for training, %s for "
            "validation and %s for test. Pass sizes that leave at least one row for each part."
            % (valid, test, len(values), rows[0], rows[1], rows[2])
        )
    end = rows[0] + rows[1]
    return values[: rows[0]], values[rows[0] : end], values[end:]


def _series(values: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(values, np.float64)
    if values.ndim != 2:
        raise DataError(
            "%s has shape %s, not [time, columns]. For one column pass %s.reshape(-1, 1)." % (name, values.shape, name)
        )
    return _finite(values, name)


def _finite(values: np.ndarray, name: str) -> np.ndarray:
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        index = wrong[0].tolist()
        raise DataError(
            "%s%s is %s, which is not finite. "
            "Fill in missing values, for example with read_csv(path, missing='interpolate')."
            % (name, index, values[tuple(index)])
        )
    return values
