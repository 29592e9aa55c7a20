"""Hidden checks of DP-4, tasks 1 and 2: splits by group and by time."""

from __future__ import annotations

import judge
import numpy as np
import pandas as pd

from grader.dp4_values import chance, pair, positions

_MISSING = object()


def check_group_split(group_split):
    """Texts, whole numbers, missing ids; other orders; seeds; the share of groups."""
    dice = chance("groups")
    texts = [f"id-{number}" for number in dice.choice(1000, 30, replace=False)]
    whole = [int(number) for number in dice.choice(1000, 30, replace=False)]
    for ids in (texts, whole):
        groups = [ids[number] for number in dice.integers(0, 30, 200)]
        _check_split(group_split, groups, 0.3, int(dice.integers(1000)))
    holes = [None if number % 4 == 0 else ids[number % 30] for number in range(200)]
    _check_split(group_split, holes, 0.3, int(dice.integers(1000)))
    _check_split(group_split, [float("nan") if value is None else float(value) for value in holes], 0.3, 3)
    _check_seed(group_split, groups)
    _check_split(group_split, ["a"] * 5 + ["b"] * 5, 0.1, 1)


def _check_split(group_split, groups, fraction, seed):
    train, test = _split(group_split, groups, fraction, seed)
    judge.check(
        sorted(train + test) == list(range(len(groups))) and sorted(train + test) != list(range(1, len(groups) + 1)),
        "The two sides of group_split do not make up all rows.",
        expected="each row in exactly one of the two lists",
        got=f"{len(train)} + {len(test)} positions for {len(groups)} rows",
        next_step="Count positions from 0, and look for rows that are lost or named twice.",
        code="DP4-M5",
    )
    names = [_MISSING if value is None or value != value else value for value in groups]
    left, right = {names[row] for row in train}, {names[row] for row in test}
    judge.check(
        _MISSING not in left or _MISSING not in right,
        "Rows without an id are on both sides.",
        expected="all rows without an id on one side",
        got="some in training and some in the test",
        next_step="nan is not equal to nan: give all missing ids one common name first.",
        code="DP4-M6",
    )
    judge.check(
        not left & right,
        "A group is on both sides of group_split.",
        expected="all rows of a group on one side",
        got=f"{len(left & right)} groups on both sides",
        next_step="Draw groups, not rows. Then take all rows of the groups drawn.",
        code="DP4-M5",
    )
    wanted = max(1, round(fraction * len(left | right)))
    judge.check(
        abs(len(right) - wanted) <= 1 and bool(right) and bool(left),
        "group_split puts the wrong number of groups into the test.",
        expected=f"{wanted} of {len(left | right)} groups, one more or less",
        got=f"{len(right)} groups",
        next_step="test_fraction is a share of the groups, not of the rows; at least one group is tested.",
        code="DP4-M7",
    )


def _check_seed(group_split, groups):
    splits = [_split(group_split, groups, 0.3, seed) for seed in (11, 12, 13, 11)]
    judge.check(
        splits[0] == splits[3],
        "The same seed gives two different splits.",
        expected="the same split for the same seed",
        got="another split",
        next_step="Draw only from the generator that is made of seed inside the function.",
        code="DP4-M7",
    )
    judge.check(
        splits[0] != splits[1] and splits[1] != splits[2],
        "Other seeds give the same split.",
        expected="chance decides which groups are tested",
        got="the same groups for different seeds",
        next_step="Use the generator `chance` to draw the groups.",
        code="DP4-M7",
    )


def _split(group_split, groups, fraction, seed):
    train, test = pair(group_split(list(groups), fraction, seed), "group_split", "DP4-M5")
    count = len(groups)
    return (
        positions(train, count, "The first list of group_split", "DP4-M5"),
        positions(test, count, "The second list of group_split", "DP4-M5"),
    )


def check_time_folds(time_folds):
    """Unsorted rows, gaps, and the error of a model on a series like electricity demand."""
    dice = chance("times")
    for n_folds, embargo in ((3, 0), (4, 36), (2, 6.5)):
        times = _times(dice, 30 * (n_folds + 1))
        _check_folds(time_folds, times, n_folds, embargo)
    _check_error(time_folds, dice)


def _times(dice, count):
    steps = dice.integers(1, 12, count) * 30
    times = pd.Timestamp("2025-02-03") + pd.to_timedelta(np.cumsum(steps), unit="min")
    order = dice.permutation(count)
    return pd.Series(times[order], index=dice.permutation(count) + 500)


def _check_folds(time_folds, times, n_folds, embargo):
    folds = _folds(time_folds, times, n_folds, embargo)
    moments = times.to_numpy()
    blocks = np.array_split(np.argsort(moments, kind="stable"), n_folds + 1)[1:]
    gap = np.timedelta64(int(embargo * 60), "m")
    for (train, test), block in zip(folds, blocks, strict=True):
        starts = moments[block].min()
        judge.check(
            bool((moments[train] < moments[test].min()).all()),
            "Training rows lie inside or after the time of the test.",
            expected="only rows that are earlier than the test",
            got=f"{int((moments[train] >= moments[test].min()).sum())} rows that are not",
            next_step="Do not shuffle. Sort by time, and train on the past only.",
            code="DP4-M3",
        )
        judge.check(
            set(test) == set(block.tolist()) and len(test) == len(block),
            "A test block holds the wrong rows.",
            expected="one block of the rows in order of time, as positions, the oldest fold first",
            got="other rows",
            next_step="The rows are not sorted. Sort positions by their time, then cut.",
            code="DP4-M8",
        )
        judge.check(
            bool((moments[train] < starts - gap).all()),
            "Training rows lie inside the embargo.",
            expected=f"no row in the last {embargo} hours before the test, nor exactly at its edge",
            got=f"{int((moments[train] >= starts - gap).sum())} rows inside it",
            next_step="Compare each time with the first time of the test block minus the embargo.",
            code="DP4-M9",
        )
        judge.check(
            set(train) == set(np.flatnonzero(moments < starts - gap).tolist()) and len(set(train)) == len(train),
            "Training rows are missing, or named twice.",
            expected="every row that is earlier than the embargo, once",
            got=f"{len(set(train))} rows of {int((moments < starts - gap).sum())}",
            next_step="Use all of the past, not only the block before the test.",
            code="DP4-M8",
        )


def _folds(time_folds, times, n_folds, embargo):
    got = time_folds(times.copy(), n_folds, embargo)
    pairs = [pair(one, "Each fold of time_folds", "DP4-M8") for one in got]
    judge.check(
        len(pairs) == n_folds,
        "time_folds gives the wrong number of folds.",
        expected=f"{n_folds} folds",
        got=f"{len(pairs)} folds",
        next_step="One fold for each block but the oldest.",
        code="DP4-M8",
    )
    count = len(times)
    return [
        (
            positions(train, count, "Training rows of a fold", "DP4-M8"),
            positions(test, count, "Test rows of a fold", "DP4-M8"),
        )
        for train, test in pairs
    ]


def _check_error(time_folds, dice):
    """A nearest-neighbour model: shuffled folds promise a far smaller error than folds in order of time."""
    count = 1200
    hours = np.arange(count) / 2
    drift = np.cumsum(dice.normal(0, 0.12, count))
    demand = 4 + np.sin(hours / 24 * 2 * np.pi) + 0.3 * np.sin(hours / 168 * 2 * np.pi) + drift
    times = pd.Series(pd.Timestamp("2014-01-01") + pd.to_timedelta(hours, unit="h"))
    honest = np.mean([_error(hours, demand, *fold) for fold in _folds(time_folds, times, 4, 24)])
    mixed = np.array_split(dice.permutation(count), 5)
    rows = np.arange(count)
    shuffled = np.mean([_error(hours, demand, np.setdiff1d(rows, test), test) for test in mixed])
    judge.check(
        bool(honest >= 2 * shuffled),
        "With your folds, the error of a model is as small as with shuffled rows.",
        expected="an error at least twice that of shuffled folds",
        got=f"{honest / shuffled:.1f} times",
        next_step="Do not shuffle. Sort by time, and train on the past only.",
        code="DP4-M3",
    )


def _error(hours, demand, train, test):
    train, test = np.sort(np.asarray(train)), np.asarray(test)
    near = np.clip(np.searchsorted(hours[train], hours[test]), 1, len(train) - 1)
    before, after = train[near - 1], train[near]
    closer = np.where(np.abs(hours[before] - hours[test]) <= np.abs(hours[after] - hours[test]), before, after)
    return np.abs(demand[closer] - demand[test]).mean()
