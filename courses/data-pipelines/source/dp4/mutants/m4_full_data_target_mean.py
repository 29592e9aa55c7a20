# task: dp4-t4
# code: DP4-M4
# loses: dp4-t4-hidden
# why: each training row gets the mean of its category, with its own answer in it
# cell: dp4-t4-solution
def target_encode(train_category, train_target, test_category, n_folds=5, seed=0):
    """Out-of-fold means for training rows, means of all training rows for test rows."""
    category = pd.Series(list(train_category))
    target = pd.Series(list(train_target), dtype=float)
    means = target.groupby(category).mean()
    encoded = category.map(means)
    return encoded.to_numpy(), pd.Series(list(test_category), dtype=object).map(means).fillna(target.mean()).to_numpy(dtype=float)
