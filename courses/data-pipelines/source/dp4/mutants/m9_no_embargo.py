# task: dp4-t2
# code: DP4-M9
# loses: dp4-t2-hidden
# why: trains up to the last moment before the test
# cell: dp4-t2-solution
def time_folds(times, n_folds=3, embargo_hours=0):
    """Pairs (train, test) of row positions; training rows lie before the test, with a gap."""
    order = np.argsort(times.to_numpy(), kind="stable")
    blocks = np.array_split(order, n_folds + 1)
    return [(np.concatenate(blocks[:number]), blocks[number]) for number in range(1, n_folds + 1)]
