# %% [markdown]
# # DP-4: Leak-free splits and features
#
# **In short.** A model that has seen the answers looks good in the test and fails in use. This is called **leakage**. You
# write seven functions that keep training rows and test rows apart, and one that finds leaks. Time: about four hours, in
# parts of at most 90 minutes. Points: 20. You need 70 % of the automatic points for the certificate.
#
# **Contents**
#
# 1. Split by group (3 points)
# 2. Split by time, with an embargo (3 points)
# 3. Prepare features from training rows only (4 points)
# 4. Encode a category by the target (3 points)
# 5. Find leaks in two tables (3 points)
# 6. The noise canary (2 points)
# 7. A leak from your own field (2 points, read by a person)

# %% [markdown]
# ## How this notebook works
#
# - Write your answer where you see `# YOUR CODE HERE`, then delete the line `raise NotImplementedError()`.
# - Each task has a **contract**: what goes in, what comes out, what must not happen. The hidden tests check the contract
#   with other data: other sizes, other orders of rows, other names, other seeds.
# - A **visible test** below each answer checks types and shapes. It stays silent when it passes.
# - Positions count from 0, as in `frame.iloc`. Where a contract says *list*, a NumPy array is as good.

# %% [markdown]
# ## Before you read on: two questions
#
# Think of an answer first, then open the lines below.
#
# <details><summary>1. You scale all rows, then split them. What do the training rows know about the test rows?</summary>
# Their mean and their spread: both went into the scaler. The test is no longer a test of unseen data.
# </details>
#
# <details><summary>2. Does a leak always make the test score much better?</summary>
# No. Sometimes it changes almost nothing, and sometimes very much. So we do not look for leaks in the score. We change the
# test rows and see whether something moves that must not move.
# </details>

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "dp4-given-data"}
import numpy as np
import pandas as pd

credit = pd.read_csv("data/credit_data.csv")
demand = pd.read_csv("data/elecdemand.csv")
demand.insert(0, "time", pd.date_range("2014-01-01", periods=len(demand), freq="30min"))

# %% [markdown]
# Two real tables come with this notebook.
#
# | table | rows | what a row is | source |
# |---|---|---|---|
# | `credit` | 4,454 | one loan application, `Status` good or bad | R package modeldata |
# | `demand` | 17,520 | electricity demand of one half-hour in 2014, state of Victoria, Australia | R package fpp2 |

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "dp4-given-look"}
print(credit[["Status", "Seniority", "Home", "Job", "Income", "Amount"]].head(3).to_string())
print(demand.head(3).to_string())

# %% [markdown]
# ## Task 1: Split by group (3 points)
#
# **Worked example.** Ten customers have three rows each. We put every fourth row into the test. Then we count the customers
# that are on both sides. A model can learn such a customer by heart.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "dp4-given-groups"}
customers = [f"customer-{number % 10}" for number in range(30)]
test_rows = list(range(0, 30, 4))
train_rows = [row for row in range(30) if row not in test_rows]
on_both_sides = {customers[row] for row in train_rows} & {customers[row] for row in test_rows}
print(len(on_both_sides), "of 10 customers are on both sides")

# %% [markdown]
# **Contract of `group_split(groups, test_fraction, seed)`**
#
# - `groups`: a list with one id for each row. An id is a whole number, a text, or missing (`None` or `nan`).
# - All rows with a missing id form **one** group: nobody can say that they do not belong together.
# - It returns two lists of row positions in ascending order: first the training rows, then the test rows. Each row is in
#   exactly one of them.
# - All rows of a group are on the same side.
# - The test gets `test_fraction` of the *groups*, rounded to a whole number (one more or less is accepted), and at least one.
# - Chance decides which groups. The same `seed` gives the same split, and other seeds give other splits.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "dp4-t1-solution"}
def group_split(groups, test_fraction=0.25, seed=0):
    """Row positions (train, test) such that no group is on both sides."""
    chance = np.random.default_rng(seed)
    ### BEGIN SOLUTION
    labels = pd.Series(list(groups), dtype="object")
    codes, names = pd.factorize(labels)
    if (codes == -1).any():
        codes = np.where(codes == -1, len(names), codes)
    different = np.unique(codes)
    wanted = max(1, round(test_fraction * len(different)))
    chosen = chance.choice(different, size=wanted, replace=False)
    is_test = np.isin(codes, chosen)
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t1-visible", "points": 1}
sample = [f"customer-{number % 8}" for number in range(40)]
train, test = group_split(sample, 0.25, 1)
train, test = [int(row) for row in train], [int(row) for row in test]
assert sorted(train + test) == list(range(40)), "group_split: expected each of the 40 rows in exactly one of the two lists. Next: the two lists must not overlap, and no row may be lost."
both = {sample[row] for row in train} & {sample[row] for row in test}
assert not both, f"group_split: expected no customer on both sides, got {sorted(both)}. Next: choose groups first, then take all their rows."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t1-hidden", "points": 2}
# Hidden test: texts, whole numbers and missing ids, rows in another order, other seeds, the number of groups in the test.
### BEGIN HIDDEN TESTS
from grader import dp4_splits

dp4_splits.check_group_split(group_split)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 2: Split by time, with an embargo (3 points)
#
# In use, a model knows the past and predicts the future. So the test must come **after** the training rows. Often the last
# hours before the test still tell too much, for example when demand is averaged over a day. We leave a gap: the **embargo**.
#
# **Worked example.** We predict demand from the five nearest half-hours in time. Once we shuffle the rows, so that neighbours
# of a test row are in training; once we train on the first ten days and test on the eleventh. The error is the mean
# distance from the truth.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "dp4-given-time"}
from sklearn.neighbors import KNeighborsRegressor

hours = np.arange(528)[:, None] / 2
truth = demand["Demand"].to_numpy()[:528]
order = np.random.default_rng(0).permutation(528)


def mean_error(train_rows, test_rows):
    model = KNeighborsRegressor(n_neighbors=5).fit(hours[train_rows], truth[train_rows])
    return np.abs(model.predict(hours[test_rows]) - truth[test_rows]).mean()


print(f"shuffled: {mean_error(order[:480], order[480:]):.2f}  in order of time: {mean_error(np.arange(480), np.arange(480, 528)):.2f}")

# %% [markdown]
# The shuffled test promises a small error that nobody will see in use.
#
# **Contract of `time_folds(times, n_folds, embargo_hours)`**
#
# - `times`: a pandas Series with one timestamp for each row. The rows are **not** sorted, and the index of the Series means
#   nothing. The number of rows is a multiple of `n_folds + 1`.
# - Sort the rows by time and cut them into `n_folds + 1` blocks of equal size. The oldest block is never tested. Each other
#   block is the test of one fold, the oldest first.
# - The training rows of a fold are all rows whose time is **earlier than** the first time of the test block minus
#   `embargo_hours` hours.
# - It returns a list with one pair `(train, test)` for each fold: two lists of row **positions**, in any order.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "dp4-t2-solution"}
def time_folds(times, n_folds=3, embargo_hours=0):
    """Pairs (train, test) of row positions; training rows lie before the test, with a gap."""
    moments = times.to_numpy()
    ### BEGIN SOLUTION
    blocks = np.array_split(np.argsort(moments, kind="stable"), n_folds + 1)
    gap = np.timedelta64(round(embargo_hours * 3600), "s")
    return [(np.flatnonzero(moments < moments[block].min() - gap), block) for block in blocks[1:]]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t2-visible", "points": 1}
sample = pd.Series(pd.date_range("2026-01-01", periods=40, freq="h"))
folds = time_folds(sample, 3, 0)
assert len(folds) == 3, f"time_folds: expected 3 pairs for n_folds = 3, got {len(folds)}. Next: one pair for each block but the oldest."
sizes = [len(list(test)) for train, test in folds]
assert sizes == [10, 10, 10], f"time_folds: expected 10 test rows in each fold (40 rows in 4 blocks), got {sizes}. Next: cut the sorted rows into n_folds + 1 blocks."
tested = [int(row) for train, test in folds for row in test]
assert len(set(tested)) == 30, "time_folds: expected that no row is tested twice. Next: the blocks must not overlap."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t2-hidden", "points": 2}
# Hidden test: rows that are not sorted, gaps of other lengths, no training row inside the embargo or after the test,
# and the error of a model on a series like `demand`: with your folds at least twice that of shuffled folds.
### BEGIN HIDDEN TESTS
from grader import dp4_splits

dp4_splits.check_time_folds(time_folds)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 3: Prepare features from training rows only (4 points)
#
# A median, a mean, a spread, a list of categories: all of these are **learned** from data. So they may come from training
# rows only. The test for it is simple: multiply the test rows by 1,000. Nothing that was learned may move.
#
# **Worked example.** The mean of all rows moves when a test row is poisoned. The mean of the training rows does not.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "dp4-given-poison"}
train_income, test_income = credit["Income"].iloc[:3000], credit["Income"].iloc[3000:]
print(f"mean of all rows: {credit['Income'].mean():.1f}, poisoned: {pd.concat([train_income, test_income * 1000]).mean():.1f}")
print(f"mean of training rows: {train_income.mean():.1f}, poisoned: {train_income.mean():.1f}")

# %% [markdown]
# **Contract of `prepare(train, test, numeric, categorical)`**
#
# - `train`, `test`: DataFrames. `numeric`, `categorical`: lists of column names. Other columns are ignored.
# - Each numeric column: a missing value becomes the median; then subtract the mean and divide by the standard deviation.
#   The mean and the deviation are those *after* the missing values were filled. The deviation is that of the population
#   (`ddof=0`). If it is 0, divide by 1.
# - Each categorical column becomes columns of 0 and 1, one for each category of the **training** rows, in alphabetical order.
#   A category that training rows do not have, and a missing one, give 0 in all of them.
# - It returns two arrays of numbers, for `train` and `test`: one row for each row, first the numeric columns in the order
#   of the list, then the columns of each categorical column.
# - All that is learned comes from `train`. Neither DataFrame is changed.
#
# You may use scikit-learn or pandas.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "dp4-t3-solution"}
def prepare(train, test, numeric, categorical):
    """Two arrays of features; medians, scales and categories are those of the training rows."""
    ### BEGIN SOLUTION
    known = {name: sorted(train[name].dropna().unique()) for name in categorical}
    median = train[numeric].median()
    filled = train[numeric].fillna(median)
    mean, spread = filled.mean(), filled.std(ddof=0).replace(0, 1)

    def features(frame):
        numbers = (frame[numeric].fillna(median) - mean) / spread
        marks = [(frame[name] == value).rename(f"{name}={value}") for name in categorical for value in known[name]]
        return pd.concat([numbers, *marks], axis=1).to_numpy(dtype=float)

    return features(train), features(test)
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t3-visible", "points": 1}
old = pd.DataFrame({"income": [100.0, None, 300.0, 200.0], "age": [20, 30, 40, 50], "job": ["fixed", "none", "fixed", "free"]})
new = pd.DataFrame({"income": [150.0, 250.0], "age": [25, 35], "job": ["free", "fixed"]})
first, second = prepare(old, new, ["income", "age"], ["job"])
assert np.shape(first) == (4, 5), f"prepare: expected 4 rows and 5 columns (2 numbers, 3 jobs), got {np.shape(first)}. Next: one column for each category of the training rows."
assert np.shape(second) == (2, 5), f"prepare: expected 2 rows and 5 columns for the test rows, got {np.shape(second)}. Next: both arrays have the same columns."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t3-hidden", "points": 3}
# Hidden test: poisoned test rows, unseen and missing categories, a column that never changes, rows in another order,
# columns that were not asked for, and whether the DataFrames stay as they were.
### BEGIN HIDDEN TESTS
from grader import dp4_features

dp4_features.check_prepare(prepare)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 4: Encode a category by the target (3 points)
#
# A category with many values, such as a postcode, can be replaced by the mean of the target in it. But if a row's own answer
# is part of that mean, the row is told its answer. So we split the training rows into folds. Each row gets the mean of the
# **other** folds. This is called **out-of-fold** encoding.
#
# **Worked example.** A category with two rows, targets 1 and 0. The plain mean is 0.5 for both. Out of fold, with each row in
# a fold of its own, the first row gets 0 and the second gets 1: neither contains its own answer.
#
# **Contract of `target_encode(train_category, train_target, test_category, n_folds, seed)`**
#
# - `train_category`, `test_category`: lists of texts. `train_target`: a list of numbers.
# - Put the training rows into `n_folds` folds at random. Their sizes differ by at most one. The folds depend on the number of
#   rows, `n_folds` and `seed`, and on nothing else.
# - A training row gets the mean target of the rows of its category in the **other** folds. If there are none, it gets the mean
#   target of all rows in the other folds.
# - A test row gets the mean target of all training rows of its category. If there are none, it gets the mean of all
#   training targets.
# - It returns two lists of numbers: for the training rows and for the test rows.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "dp4-t4-solution"}
def target_encode(train_category, train_target, test_category, n_folds=5, seed=0):
    """Out-of-fold means for training rows, means of all training rows for test rows."""
    chance = np.random.default_rng(seed)
    category = pd.Series(list(train_category))
    target = pd.Series(list(train_target), dtype=float)
    ### BEGIN SOLUTION
    fold = chance.permutation(np.arange(len(target)) % n_folds)
    encoded = np.empty(len(target))
    for number in range(n_folds):
        mine, others = fold == number, fold != number
        means = target[others].groupby(category[others]).mean()
        encoded[mine] = category[mine].map(means).fillna(target[others].mean())
    means = target.groupby(category).mean()
    return encoded, pd.Series(list(test_category), dtype=object).map(means).fillna(target.mean()).to_numpy(dtype=float)
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t4-visible", "points": 1}
places = ["north", "south"] * 10
first, second = target_encode(places, [1, 0] * 10, ["north", "south", "north"], 5, 0)
first, second = [float(value) for value in first], [float(value) for value in second]
assert len(first) == 20 and len(second) == 3, f"target_encode: expected 20 and 3 numbers, got {len(first)} and {len(second)}. Next: one number for each row."
assert second == [1.0, 0.0, 1.0], f"target_encode: expected [1.0, 0.0, 1.0] for the test rows, got {second}. Next: the mean target of all training rows of the category."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t4-hidden", "points": 2}
# Hidden test: another answer of a row never changes its own code, unseen and rare categories, other seeds, exact means.
### BEGIN HIDDEN TESTS
from grader import dp4_features

dp4_features.check_target_encode(target_encode)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 5: Find leaks in two tables (3 points)
#
# Somebody gives you a training table and a test table. You look for four kinds of leaks.
#
# **Contract of `find_leaks(train, test, target, id_column, time_column)`**
#
# - `train`, `test`: DataFrames with the same columns. `target`: the name of a column of 0 and 1. `id_column`: the name of a
#   column of ids. `time_column`: the name of a column of timestamps: the moment at which the prediction is made.
# - It returns a dictionary with four keys, each with a list:
#   - `"duplicates"`: positions of test rows for which `train` has a row with the same values in all columns except
#     `id_column`. Two missing values count as the same.
#   - `"shared_ids"`: the ids that are in both tables, each once.
#   - `"future_columns"`: names of timestamp columns that know the future: in more than 5 % of the training rows their time is
#     later than `time_column`. A missing time is not later. Never `time_column` itself.
#   - `"target_copies"`: names of columns that give the target away, judged on the training rows: a column of numbers whose
#     correlation with the target is at least 0.99, or at most −0.99; a column of texts in which each text belongs to one
#     target value and each target value to one text. Never `target` itself.
# - The order inside the lists means nothing. Neither DataFrame is changed.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "dp4-t5-solution"}
def find_leaks(train, test, target, id_column, time_column):
    """Duplicates, shared ids, columns from the future and copies of the target."""
    leaks = {"duplicates": [], "shared_ids": [], "future_columns": [], "target_copies": []}
    ### BEGIN SOLUTION
    def rows(frame):
        plain = frame.drop(columns=id_column).astype(object)
        return [tuple(row) for row in plain.where(plain.notna(), None).itertuples(index=False)]

    known = set(rows(train))
    leaks["duplicates"] = [position for position, row in enumerate(rows(test)) if row in known]
    leaks["shared_ids"] = sorted(set(train[id_column].dropna()) & set(test[id_column].dropna()))
    for name in train.columns:
        column = train[name]
        if name in (target, id_column, time_column):
            continue
        if pd.api.types.is_datetime64_any_dtype(column):
            if (column > train[time_column]).mean() > 0.05:
                leaks["future_columns"].append(name)
        elif pd.api.types.is_numeric_dtype(column):
            if column.nunique() > 1 and abs(column.corr(train[target])) >= 0.99:
                leaks["target_copies"].append(name)
        else:
            pairs = train[[name, target]].dropna().drop_duplicates()
            if len(pairs) == train[target].nunique() == pairs[name].nunique() == pairs[target].nunique():
                leaks["target_copies"].append(name)
    return leaks
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t5-visible", "points": 1}
days = pd.Series(pd.date_range("2026-03-01", periods=6, freq="D"))
old = pd.DataFrame({"id": [1, 2, 3, 4, 5, 6], "asked": days, "income": [5, 7, 6, 9, 8, 4], "bad": [0, 1, 0, 1, 1, 0]})
new = pd.DataFrame({"id": [7, 8, 3], "asked": days[:3], "income": [5, 3, 2], "bad": [0, 1, 0]})
found = find_leaks(old, new, "bad", "id", "asked")
assert sorted(found) == ["duplicates", "future_columns", "shared_ids", "target_copies"], f"find_leaks: expected the four keys of the contract, got {sorted(found)}. Next: return a dictionary with all four, also when a list is empty."
assert [int(value) for value in found["shared_ids"]] == [3], f"find_leaks: expected the shared id 3, got {found['shared_ids']}. Next: ids that are in both tables."
assert [int(value) for value in found["duplicates"]] == [0], f"find_leaks: expected position 0 as the only duplicate, got {found['duplicates']}. Next: compare all columns except the id."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t5-hidden", "points": 2}
# Hidden test: twenty planted leaks among things that only look like leaks. You must find at least 90 % of them, and at least
# 90 % of what you report must be a leak.
### BEGIN HIDDEN TESTS
from grader import dp4_leaks

dp4_leaks.check_find_leaks(find_leaks)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 6: The noise canary (2 points)
#
# Miners took a canary into the mine: when the bird fell silent, the air was bad. Our canary is **pure noise**: columns and
# labels that have nothing to do with each other. An honest pipeline cannot do better than chance on noise. Its AUC is near 0.5,
# often a little below. (AUC, the area under the ROC curve: the chance that a row with label 1 gets a higher score than a
# row with label 0.) If the AUC on noise is high, the pipeline leaks.
#
# This task is open: there is no code to start from, and no visible test.
#
# **Contract of `out_of_fold_scores(x, y, k, n_folds, seed)`**
#
# - `x`: an array of numbers, rows × columns. `y`: an array of 0 and 1.
# - Split the rows into `n_folds` folds at random. For each fold: choose the `k` columns that fit the label best, and train
#   a model that gives scores (for example a logistic regression) on these columns. Both use the rows of the **other** folds
#   only. Then score the rows of the fold.
# - It returns one score for each row: a higher score means that label 1 is more likely.
#
# **Contract of `read_canary(auc)`**
#
# - `auc`: the AUC on pure noise, a number from 0 to 1.
# - It returns `"leaking"` above 0.65, `"clean"` from 0.25 to 0.65 (both included), and `"unclear"` below 0.25: then something
#   else is wrong, for example exchanged labels.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "dp4-t6-solution"}
### BEGIN SOLUTION
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline


def out_of_fold_scores(x, y, k=20, n_folds=5, seed=0):
    """One score for each row, from a pipeline that never saw the row."""
    pipeline = make_pipeline(SelectKBest(f_classif, k=k), LogisticRegression(max_iter=500))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    return cross_val_predict(pipeline, x, y, cv=folds, method="decision_function")


def read_canary(auc):
    """What the AUC on pure noise says about a pipeline."""
    if auc > 0.65:
        return "leaking"
    return "clean" if auc >= 0.25 else "unclear"
### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "dp4-t6-hidden", "points": 2}
# Hidden test: the AUC of your scores on pure noise is from 0.25 to 0.65; on data with a real signal it is at least 0.8;
# and you read the canary as the contract says.
### BEGIN HIDDEN TESTS
from grader import dp4_canary

dp4_canary.check_canary(out_of_fold_scores, read_canary)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 7: A leak from your own field (2 points, read by a person)
#
# Describe one leak that could happen, or did happen, in your own work or field. Write five to ten sentences in the cell below:
#
# 1. What is predicted, and at which moment is the prediction made?
# 2. Which value, row or column brings information that will not be there in use?
# 3. Which of the six tests of this notebook would find it, or why would none of them?
# 4. What would you change?
#
# A person gives 0, 1 or 2 points. Your language is not graded. Name no people and no confidential facts.

# %% [markdown] nbgrader={"schema_version": 3, "grade": true, "solution": true, "locked": false, "task": false, "grade_id": "dp4-t7-manual", "points": 2}
# **How it is marked**
#
# | points | the answer |
# |---|---|
# | 0 | names no leak, or repeats the notebook's examples |
# | 0.5 | names a leak, but not why the information is missing in use |
# | 1 | names a leak and why the information is missing in use |
# | 2 | also says how to find it and what to change, and both fit the leak |
#
# **Sample answer, 2 points.** A hospital predicts at admission whether a patient comes back within 30 days. The table holds
# the number of drugs at discharge. At admission this number is not known. Patients with many drugs come back more often,
# so the model looks very good. It is a column from the future: its timestamp is later than the time of the prediction, so
# find_leaks reports it. I would keep only columns whose time is before admission, and split by patient.
#
# **Sample answer, 1 point.** We predict failures of a pump. The log has a column "repair ordered", and it is filled after the
# failure. In use it is always empty, so the model would not work.

# %% [markdown]
# ## Done
#
# You can now split by group and by time, learn features from training rows only, encode without telling the answer, find
# leaks, and read a canary. You will meet the encoder and the time folds again in AD-4, where you forecast demand. Choose
# *Kernel → Restart Kernel and Run All Cells…*, save, and hand in.
