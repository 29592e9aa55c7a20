# task: dp4-t2
# code: DP4-M9
# loses: dp4-t2-hidden
# why: counts the embargo in rows, as if one row came each hour
# cell: dp4-t2-solution
def time_folds(times, n_folds=3, embargo_hours=0):
    """Pairs (train, test) of row positions; training rows lie before the test, with a gap."""
    order = np.argsort(times.to_numpy(), kind="stable")
    size = len(order) // (n_folds + 1)
    gap = int(embargo_hours // 6)
    return [(order[: max(0, number * size - gap)], order[number * size : (number + 1) * size]) for number in range(1, n_folds + 1)]
