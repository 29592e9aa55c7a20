"""Hidden checks of DP-4, task 6: pure noise, a real signal, and the reading of the canary."""

from __future__ import annotations

import judge
import numpy as np

from grader.dp4_values import chance, numbers

_ROWS, _COLUMNS, _CHOSEN = 100, 600, 20


def check_canary(out_of_fold_scores, read_canary):
    """Scores on noise are near chance, scores on a signal are not, and both are read as agreed."""
    dice = chance("canary")
    noise = [_auc_on(out_of_fold_scores, dice, 0) for _ in range(3)]
    judge.check(
        0.25 <= float(np.mean(noise)) <= 0.65,
        "Your pipeline does better than chance on pure noise: it chose columns with the help of the test rows."
        if np.mean(noise) > 0.65
        else "Your scores point the wrong way.",
        expected="a mean AUC from 0.25 to 0.65 on pure noise",
        got=f"{np.mean(noise):.2f}",
        next_step="Choose the k columns inside the loop over the folds, from the rows of the other folds only.",
        code="DP4-M2",
    )
    signal = _auc_on(out_of_fold_scores, dice, 5)
    judge.check(
        signal >= 0.8,
        "Your scores miss a real signal.",
        expected="an AUC of at least 0.8 on data with five informative columns",
        got=f"{signal:.2f}",
        next_step="A higher score must mean label 1. Choose the columns that differ most between the labels.",
        code="DP4-M19",
    )
    for auc, word in ((0.9, "leaking"), (0.651, "leaking"), (0.65, "clean"), (0.25, "clean"), (0.2, "unclear")):
        _check_reading(read_canary, auc, word)
    middle = float(dice.uniform(0.3, 0.6))
    _check_reading(read_canary, middle, "clean")


def _auc_on(out_of_fold_scores, dice, informative):
    x = dice.normal(0, 1, (_ROWS, _COLUMNS))
    y = dice.permutation(np.arange(_ROWS) % 2)
    x[:, dice.choice(_COLUMNS, informative, replace=False)] += 1.4 * y[:, None]
    scores = out_of_fold_scores(x, y, _CHOSEN, 5, int(dice.integers(1000)))
    return _auc(y, numbers(scores, _ROWS, "out_of_fold_scores", "DP4-M19"))


def _auc(y, scores):
    """The chance that a row with label 1 has the higher score; a tie counts half."""
    ones, zeros = scores[y == 1][:, None], scores[y == 0][None, :]
    return float(((ones > zeros) + 0.5 * (ones == zeros)).mean())


def _check_reading(read_canary, auc, word):
    judge.equal(
        read_canary(auc),
        word,
        what=f"read_canary({auc:.3g})",
        show=True,
        next_step="The edges 0.25 and 0.65 belong to clean.",
        code="DP4-M20",
    )
