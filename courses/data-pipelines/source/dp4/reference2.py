# A second, independent solution: other algorithms, other types where the contract allows them.

# cell: dp4-t1-solution
import random


def group_split(groups, test_fraction=0.25, seed=0):
    """Row positions (train, test) such that no group is on both sides."""
    rows_of = {}
    for row, value in enumerate(groups):
        missing = value is None or (isinstance(value, float) and value != value)
        rows_of.setdefault(("missing",) if missing else ("id", value), []).append(row)
    names = list(rows_of)
    random.Random(seed).shuffle(names)
    wanted = max(1, int(test_fraction * len(names) + 0.5))
    test = sorted(row for name in names[:wanted] for row in rows_of[name])
    train = sorted(row for name in names[wanted:] for row in rows_of[name])
    return train, test


# cell: dp4-t2-solution
def time_folds(times, n_folds=3, embargo_hours=0):
    """Pairs (train, test) of row positions; training rows lie before the test, with a gap."""
    moments = list(times)
    order = sorted(range(len(moments)), key=lambda row: moments[row])
    size = len(order) // (n_folds + 1)
    folds = []
    for start in range(size, size * (n_folds + 1), size):
        block = order[start : start + size]
        edge = moments[block[0]] - pd.Timedelta(minutes=60 * embargo_hours)
        folds.append([[row for row in order if moments[row] < edge], tuple(block)])
    return folds


# cell: dp4-t3-solution
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def prepare(train, test, numeric, categorical):
    """Two arrays of features; medians, scales and categories are those of the training rows."""
    known = [sorted(value for value in train[name].unique() if isinstance(value, str)) for name in categorical]
    encoder = OneHotEncoder(categories=known, handle_unknown="ignore", sparse_output=False)
    scaler = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    features = ColumnTransformer([("numbers", scaler, numeric), ("texts", encoder, categorical)])
    first = features.fit_transform(train)
    return pd.DataFrame(first).to_numpy(), features.transform(test)


# cell: dp4-t4-solution
def target_encode(train_category, train_target, test_category, n_folds=5, seed=0):
    """Out-of-fold means for training rows, means of all training rows for test rows."""
    rows = list(zip(train_category, map(float, train_target)))
    order = list(range(len(rows)))
    np.random.RandomState(seed).shuffle(order)
    fold = {row: place * n_folds // len(rows) for place, row in enumerate(order)}

    def mean(name, left_out):
        mine = [y for row, (c, y) in enumerate(rows) if c == name and fold[row] != left_out]
        return sum(mine) / len(mine) if mine else None

    def mean_of_all(left_out):
        every = [y for row, (_, y) in enumerate(rows) if fold[row] != left_out]
        return sum(every) / len(every)

    cache = {(c, f): mean(c, f) for c in {c for c, _ in rows} for f in range(n_folds)}
    encoded = []
    for row, (name, _) in enumerate(rows):
        value = cache[name, fold[row]]
        encoded.append(mean_of_all(fold[row]) if value is None else value)
    whole = [mean(name, None) for name in test_category]
    return encoded, [mean_of_all(None) if value is None else value for value in whole]


# cell: dp4-t5-solution
def find_leaks(train, test, target, id_column, time_column):
    """Duplicates, shared ids, columns from the future and copies of the target."""
    columns = [name for name in train.columns if name != id_column]
    rows = pd.concat([train[columns], test[columns].assign(**{"(test)": 1})], ignore_index=True)
    repeated = rows[columns].duplicated(keep="first").to_numpy()
    known = set(pd.util.hash_pandas_object(train[columns].astype(str), index=False))
    hashes = pd.util.hash_pandas_object(test[columns].astype(str), index=False)
    duplicates = [place for place, value in enumerate(hashes) if value in known and repeated[len(train) + place]]
    future, copies = [], []
    answers = train[target].to_numpy(dtype=float)
    for name in set(columns) - {target, time_column}:
        values = train[name]
        if values.dtype.kind == "M":
            late = sum(a > b for a, b in zip(values, train[time_column]) if a == a)
            future += [name] * (late > 0.05 * len(train))
        elif values.dtype.kind in "iufb":
            present = values.notna().to_numpy()
            numbers = values.to_numpy(dtype=float)[present]
            if numbers.std() > 0:
                copies += [name] * int(abs(np.corrcoef(numbers, answers[present])[0, 1]) >= 0.99)
        else:
            forward, back = {}, {}
            for text, answer in zip(values, answers):
                forward.setdefault(text, set()).add(answer)
                back.setdefault(answer, set()).add(text)
            copies += [name] * all(len(one) == 1 for one in (*forward.values(), *back.values()))
    shared = train[id_column][train[id_column].isin(test[id_column])].drop_duplicates()
    return dict(duplicates=duplicates, shared_ids=shared.to_list(), future_columns=future, target_copies=copies)


# cell: dp4-t6-solution
def out_of_fold_scores(x, y, k=20, n_folds=5, seed=0):
    """One score for each row, from a pipeline that never saw the row."""
    x, y = np.asarray(x, dtype=float), np.asarray(y)
    fold = np.random.default_rng(seed).permutation(len(y)) % n_folds
    scores = [0.0] * len(y)
    for number in range(n_folds):
        known = fold != number
        ones, zeros = x[known & (y == 1)], x[known & (y == 0)]
        difference = (ones.mean(axis=0) - zeros.mean(axis=0)) / (x[known].std(axis=0) + 1e-12)
        chosen = np.argsort(-np.abs(difference))[:k]
        middle = (ones[:, chosen].mean(axis=0) + zeros[:, chosen].mean(axis=0)) / 2
        for row in np.flatnonzero(~known):
            scores[row] = float((x[row, chosen] - middle) @ difference[chosen])
    return scores


read_canary = lambda auc: "unclear" if auc < 0.25 else ("clean", "leaking")[auc > 0.65]
