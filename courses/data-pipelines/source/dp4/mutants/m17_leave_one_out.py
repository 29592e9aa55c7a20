# task: dp4-t4
# code: DP4-M13
# loses: dp4-t4-hidden
# why: leaves out the row only; with the number of rows known, the code gives the answer away
# cell: dp4-t4-solution
def target_encode(train_category, train_target, test_category, n_folds=5, seed=0):
    """Out-of-fold means for training rows, means of all training rows for test rows."""
    category = pd.Series(list(train_category))
    target = pd.Series(list(train_target), dtype=float)
    total, count = target.groupby(category).transform("sum"), target.groupby(category).transform("count")
    others = (target.sum() - target) / (len(target) - 1)
    encoded = ((total - target) / (count - 1)).where(count > 1, others)
    means = target.groupby(category).mean()
    return encoded.to_numpy(), pd.Series(list(test_category), dtype=object).map(means).fillna(target.mean()).to_numpy(dtype=float)
