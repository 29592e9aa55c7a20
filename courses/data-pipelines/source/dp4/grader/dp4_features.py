"""Hidden checks of DP-4, tasks 3 and 4: features learned from training rows only, and out-of-fold encoding."""

from __future__ import annotations

import judge
import numpy as np
import pandas as pd

from grader.dp4_values import chance, numbers, pair

_NUMERIC = ["income", "age", "fixed"]
_CATEGORICAL = ["job", "home"]


def check_prepare(prepare):
    """Poisoned rows first, then values, orders, extra columns and untouched input."""
    dice = chance("features")
    train, test = _table(dice, 80), _table(dice, 30)
    train["fixed"] = 7.0
    test.loc[test.index[:3], "job"] = "astronaut"
    first, second = _prepare(prepare, train, test)
    _check_poison(prepare, train, test, first)
    wanted_first, wanted_second = _features(train, train), _features(train, test)
    _check_values(first, wanted_first, "training")
    _check_values(second, wanted_second, "test")
    order = dice.permutation(len(train))
    moved, same = _prepare(prepare, train.iloc[order], test)
    _check_values(moved, wanted_first[order], "training")
    _check_values(same, wanted_second, "test")
    _check_learns(prepare, train, test, second)


def _table(dice, count):
    income = dice.normal(150, 40, count).round(1)
    income[dice.random(count) < 0.15] = np.nan
    job = dice.choice(["fixed", "free", "none", "part"], count).astype(object)
    job[dice.random(count) < 0.1] = None
    return pd.DataFrame(
        {
            "note": dice.integers(0, 9, count),
            "job": job,
            "income": income,
            "age": dice.integers(18, 80, count),
            "home": dice.choice(["own", "rent"], count).astype(object),
            "fixed": dice.normal(0, 1, count),
        },
        index=dice.permutation(count) + 10,
    )


def _prepare(prepare, train, test):
    given_train, given_test = train.copy(), test.copy()
    first, second = pair(prepare(given_train, given_test, list(_NUMERIC), list(_CATEGORICAL)), "prepare", "DP4-M12")
    judge.check(
        given_train.equals(train) and given_test.equals(test),
        "prepare changes a DataFrame that it is given.",
        expected="both DataFrames as they were before the call",
        got="a changed DataFrame",
        next_step="Work on new columns; do not assign into train or test.",
        code="DP4-M12",
    )
    return _matrix(first, len(train), train), _matrix(second, len(test), train)


def _matrix(value, rows, train):
    columns = len(_NUMERIC) + sum(train[name].nunique() for name in _CATEGORICAL)
    try:
        got = np.array(value, dtype=float)
    except (TypeError, ValueError):
        got = np.empty(0)
    judge.check(
        got.shape == (rows, columns),
        "prepare returns an array of the wrong shape.",
        expected=f"{rows} rows and {columns} columns of numbers",
        got=f"shape {got.shape}",
        next_step="Unseen categories get no column of their own; missing ones get none either.",
        code="DP4-M10",
    )
    return got


def _check_poison(prepare, train, test, first):
    poisoned = test.copy()
    poisoned[_NUMERIC] = poisoned[_NUMERIC] * 1000.0
    after, _ = _prepare(prepare, train, poisoned)
    judge.check(
        bool(np.allclose(after, first, atol=1e-9, equal_nan=True)),
        "Your scaler saw the test rows: features of training rows moved when test rows were multiplied by 1,000.",
        expected="no change in the training features",
        got="other training features",
        next_step="Compute median, mean and deviation from train alone, and use them for both tables.",
        code="DP4-M1",
    )


def _features(train, frame):
    parts = []
    for name in _NUMERIC:
        known = train[name].to_numpy(dtype=float)
        median = np.nanmedian(known)
        known = np.where(np.isnan(known), median, known)
        values = frame[name].to_numpy(dtype=float)
        values = np.where(np.isnan(values), median, values)
        parts.append((values - known.mean()) / (known.std() or 1.0))
    for name in _CATEGORICAL:
        parts += [(frame[name] == value).to_numpy(dtype=float) for value in sorted(train[name].dropna().unique())]
    return np.column_stack(parts)


def _check_values(got, wanted, side):
    judge.check(
        bool(np.isfinite(got).all()),
        f"Features of {side} rows are missing or endless.",
        expected="finite numbers",
        got="nan or inf",
        next_step="Fill missing numbers with the median, and divide by 1 where the deviation is 0.",
        code="DP4-M11",
    )
    count = len(_NUMERIC)
    judge.check(
        bool(np.allclose(got[:, :count], wanted[:, :count], atol=1e-6)),
        f"Numbers of {side} rows are not scaled as the contract says.",
        expected="(value - mean) / deviation, with the median, mean and deviation of the training rows",
        got="other numbers",
        next_step="Check the order: fill, then mean and deviation (ddof=0). Test rows use the values of train.",
        code="DP4-M11",
    )
    judge.check(
        bool(np.array_equal(got[:, count:], wanted[:, count:])),
        f"Categories of {side} rows are not encoded as the contract says.",
        expected="columns of 0 and 1 for the categories of train, in alphabetical order",
        got="other columns",
        next_step="Fix the list of categories with train, then mark each row.",
        code="DP4-M10",
    )


def _check_learns(prepare, train, test, second):
    other = train.copy()
    other["age"] = other["age"] * 3
    _, after = _prepare(prepare, other, test)
    judge.check(
        not np.allclose(after[:, 1], second[:, 1]),
        "Test features do not depend on the training rows.",
        expected="other test features after training rows changed",
        got="the same test features",
        next_step="Scale the test rows with the mean and deviation of the training rows.",
        code="DP4-M11",
    )


def check_target_encode(target_encode):
    """A row's own answer, exact means, unseen and rare categories, seeds."""
    dice = chance("encode")
    names = [f"place-{number}" for number in dice.choice(500, 4, replace=False)]
    category = [names[number] for number in dice.integers(0, 4, 240)] + ["rare"]
    target = dice.normal(0, 1, len(category))
    unseen = [names[0], "never seen", "rare", names[3]]
    first, second = _encode(target_encode, category, target, unseen, 5, 1)
    _check_own_answer(target_encode, category, target, unseen, first, dice)
    _check_folds(category, target, first, names, 5)
    _check_test_rows(category, target, unseen, second)
    constant, _ = _encode(target_encode, category, np.full(len(category), 2.5), unseen, 3, 4)
    _check_same(constant, np.full(len(category), 2.5), "rows that all have the same target")
    again, _ = _encode(target_encode, category, target, unseen, 5, 1)
    _check_same(again, first, "the same seed, twice")
    other, _ = _encode(target_encode, category, target, unseen, 5, 2)
    judge.check(
        not np.allclose(other, first),
        "Another seed gives the same codes.",
        expected="folds that are drawn with the seed",
        got="the same codes",
        next_step="Use the generator `chance` to draw the folds.",
        code="DP4-M13",
    )


def _encode(target_encode, category, target, unseen, n_folds, seed):
    result = target_encode(list(category), [float(value) for value in target], list(unseen), n_folds, seed)
    first, second = pair(result, "target_encode", "DP4-M13")
    return numbers(first, len(category), "Codes of training rows", "DP4-M14"), numbers(
        second, len(unseen), "Codes of test rows", "DP4-M14"
    )


def _check_own_answer(target_encode, category, target, unseen, first, dice):
    for row in (*dice.choice(len(category) - 1, 3, replace=False), len(category) - 1):
        other = target.copy()
        other[row] = -other[row] + 5
        after, _ = _encode(target_encode, category, other, unseen, 5, 1)
        judge.check(
            bool(np.isclose(after[row], first[row], atol=1e-9)),
            "A row's own answer is in its code: another target of a row changed the code of that row.",
            expected="the same code for that row",
            got="another code",
            next_step="Leave out the whole fold of the row when you compute its mean.",
            code="DP4-M4",
        )
        judge.check(
            category[row] == "rare" or not np.allclose(after, first, atol=1e-9),
            "Codes do not depend on the target.",
            expected="other codes for rows of the same category in other folds",
            got="no change at all",
            next_step="The code of a row is a mean of targets.",
            code="DP4-M13",
        )


def _check_folds(category, target, first, names, n_folds):
    category = np.array(category)
    for name in names:
        rows = np.flatnonzero(category == name)
        codes = np.unique(first[rows].round(9))
        judge.check(
            len(codes) == n_folds,
            "A category does not have one code for each fold.",
            expected=f"{n_folds} different codes in a large category",
            got=f"{len(codes)} different codes",
            next_step="All rows of a category in one fold share the mean of the other folds.",
            code="DP4-M13" if len(codes) > 1 else "DP4-M4",
        )
        for code in codes:
            mine = rows[np.isclose(first[rows], code, atol=1e-8)]
            others = np.setdiff1d(rows, mine)
            _check_same(np.array([code]), np.array([target[others].mean()]), "a category in one fold")


def _check_test_rows(category, target, unseen, second):
    category = np.array(category)
    wanted = [target[category == name].mean() if (category == name).any() else target.mean() for name in unseen]
    judge.check(
        bool(np.isclose(second[1], wanted[1])),
        "A category that training rows do not have gets the wrong code.",
        expected="the mean of all training targets",
        got="another number",
        next_step="Fill what has no mean of its own with the mean of all.",
        code="DP4-M14",
    )
    _check_same(second, np.array(wanted), "test rows")


def _check_same(got, wanted, what):
    judge.check(
        bool(np.allclose(got, wanted, atol=1e-8)),
        f"Codes are not the means of the contract, for {what}.",
        expected="means of the targets that the contract names, without smoothing",
        got="other numbers",
        next_step="Work out one category by hand with four rows and two folds.",
        code="DP4-M13",
    )
