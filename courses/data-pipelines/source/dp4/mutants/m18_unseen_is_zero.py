# task: dp4-t4
# code: DP4-M14
# loses: dp4-t4-hidden
# why: unseen categories get 0
# cell: dp4-t4-solution
def target_encode(train_category, train_target, test_category, n_folds=5, seed=0):
    """Out-of-fold means for training rows, means of all training rows for test rows."""
    chance = np.random.default_rng(seed)
    category = pd.Series(list(train_category))
    target = pd.Series(list(train_target), dtype=float)
    fold = chance.permutation(np.arange(len(target)) % n_folds)
    encoded = np.empty(len(target))
    for number in range(n_folds):
        mine, others = fold == number, fold != number
        encoded[mine] = category[mine].map(target[others].groupby(category[others]).mean()).fillna(target[others].mean())
    means = target.groupby(category).mean()
    return encoded, pd.Series(list(test_category), dtype=object).map(means).fillna(0.0).to_numpy(dtype=float)
