"""Hidden checks of DP-4, task 5: twenty planted leaks among things that only look like leaks."""

from __future__ import annotations

import judge
import numpy as np
import pandas as pd

from grader.dp4_values import chance

_KINDS = ("duplicates", "shared_ids", "future_columns", "target_copies")
_CODES = {
    "duplicates": "DP4-M15",
    "shared_ids": "DP4-M16",
    "future_columns": "DP4-M17",
    "target_copies": "DP4-M18",
}
_SAY = {
    "duplicates": "test rows that are copies of training rows",
    "shared_ids": "ids in both tables",
    "future_columns": "columns from the future",
    "target_copies": "copies of the target",
}


def check_find_leaks(find_leaks):
    """Precision and recall of at least 0.9 over twenty planted leaks in four tables."""
    dice = chance("leaks")
    found, planted = set(), set()
    for number in range(4):
        train, test, leaks = _tables(dice, number)
        given_train, given_test = train.copy(), test.copy()
        got = find_leaks(given_train, given_test, "label", "person", "asked_at")
        judge.check(
            given_train.equals(train) and given_test.equals(test),
            "find_leaks changes a DataFrame that it is given.",
            expected="both DataFrames as they were before the call",
            got="a changed DataFrame",
            next_step="Work on copies: frame = frame.copy()",
            code="DP4-M12",
        )
        planted |= {(number, kind, item) for kind, items in leaks.items() for item in items}
        found |= {(number, kind, item) for kind, item in _reported(got)}
    for kind in _KINDS:
        _check_kind(kind, {one for one in found if one[1] == kind}, {one for one in planted if one[1] == kind})
    right = len(found & planted)
    judge.check(
        right >= 0.9 * len(planted) and right >= 0.9 * len(found) and len(planted) == 20,
        "find_leaks misses leaks, or reports what is none.",
        expected="at least 90 % found, and at least 90 % of the reports right",
        got=f"{right} of {len(planted)} found, {len(found) - right} wrong reports",
        next_step="Try each of the four lists alone with a small table.",
        code="DP4-M15",
    )


def _reported(got):
    judge.check(
        type(got) is dict and sorted(got) == sorted(_KINDS),
        "find_leaks does not return the four lists.",
        expected="a dictionary with duplicates, shared_ids, future_columns and target_copies",
        got=type(got).__name__,
        next_step="Return all four keys, also when a list is empty.",
        code="DP4-M15",
    )
    for kind in _KINDS:
        for item in list(got[kind]):
            item = item.item() if isinstance(item, np.generic) else item
            judge.check(
                type(item) in (int, str),
                f"find_leaks reports {kind} in a form that cannot be read.",
                expected="positions, ids or names of columns",
                got=type(item).__name__,
                next_step="Read in the contract what each list holds.",
                code=_CODES[kind],
            )
            yield kind, item


def _check_kind(kind, found, planted):
    missed, wrong = len(planted - found), len(found - planted)
    judge.check(
        missed <= 1 and wrong <= 1,
        f"find_leaks is wrong about {_SAY[kind]}.",
        expected=f"the {len(planted)} planted ones, and no other",
        got=f"{len(planted) - missed} of them, and {wrong} that are no leak",
        next_step=f"Read the contract of {kind} again and try it with a table of four rows.",
        code=_CODES[kind],
    )


def _tables(dice, number):
    """Two tables with two duplicates, one shared id, one column from the future and one copy of the target."""
    train, test = _table(dice, 120, 1000), _table(dice, 40, 5000)
    if number % 2:
        for frame in (train, test):
            frame["person"] = "p" + frame["person"].astype(str)
    rows = sorted(int(row) for row in dice.choice(40, 3, replace=False))
    copied = [int(row) for row in dice.choice(120, 3, replace=False)]
    train.loc[copied[0], "income"] = np.nan
    columns = [name for name in train.columns if name != "person"]
    for row, source in zip(rows, copied, strict=True):
        for name in columns:
            test.iat[row, test.columns.get_loc(name)] = train[name].iloc[source]
    near = rows.pop()
    test.iat[near, test.columns.get_loc("amount")] += 1
    shared = train["person"].iloc[int(dice.integers(120))]
    test.iat[int(dice.integers(40)), test.columns.get_loc("person")] = shared
    order = dice.permutation(train.columns)
    leaks = {
        "duplicates": rows,
        "shared_ids": [shared.item() if isinstance(shared, np.generic) else shared],
        "future_columns": ["closed_at"],
        "target_copies": [("status", "risk", "result", "loss")[number]],
    }
    return _with_copy(train, number)[_order(order, number)], _with_copy(test, number)[_order(order, number)], leaks


def _order(order, number):
    return [*order, ("status", "risk", "result", "loss")[number]]


def _with_copy(frame, number):
    label = frame["label"]
    copies = (
        label.map({0: "paid", 1: "open"}).astype(object),
        1 - label,
        label.map({0: "A", 1: "B"}).astype(object),
        label * 250.0 + frame["amount"] % 7,
    )
    return frame.assign(**{("status", "risk", "result", "loss")[number]: copies[number]})


def _table(dice, count, first):
    asked = pd.Timestamp("2025-05-05") + pd.to_timedelta(dice.integers(0, 60 * 24 * 90, count), unit="min")
    label = (dice.random(count) < 0.4).astype(int)
    amount = dice.integers(1, 10_000_000, count)
    income = dice.normal(150, 30, count).round(2)
    income[dice.random(count) < 0.1] = np.nan
    opened = asked - pd.to_timedelta(dice.integers(1, 900, count), unit="D")
    late = dice.random(count) < 0.3
    closed = pd.Series(asked + pd.to_timedelta(np.where(late, 5, -5), unit="D")).where(dice.random(count) < 0.7)
    clock = np.zeros(count, dtype=int)
    clock[:2] = 2
    return pd.DataFrame(
        {
            "person": first + np.arange(count),
            "asked_at": asked,
            "opened_at": opened,
            "closed_at": closed.to_numpy(),
            "stored_at": asked - pd.to_timedelta(1 - clock, unit="min"),
            "amount": amount,
            "income": income,
            "score": label * 3 + dice.normal(0, 1.0, count).round(3),
            "one": 1,
            "town": dice.choice(["east", "west"], count).astype(object),
            "note": np.array([f"note {number}" for number in dice.permutation(count)], dtype=object),
            "label": label,
        }
    )
