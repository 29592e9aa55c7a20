# task: dp4-t2
# code: DP4-M3
# loses: dp4-t2-hidden
# why: shuffles the rows of a time series before cutting blocks
# cell: dp4-t2-solution
def time_folds(times, n_folds=3, embargo_hours=0):
    """Pairs (train, test) of row positions; training rows lie before the test, with a gap."""
    order = np.random.default_rng(0).permutation(len(times))
    blocks = np.array_split(order, n_folds + 1)
    return [(np.setdiff1d(order, block), block) for block in blocks[1:]]
