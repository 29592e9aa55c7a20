# task: dp4-t1
# code: DP4-M7
# loses: dp4-t1-hidden
# why: half of the groups, whatever the share that was asked for
# cell: dp4-t1-solution
def group_split(groups, test_fraction=0.25, seed=0):
    """Row positions (train, test) such that no group is on both sides."""
    chance = np.random.default_rng(seed)
    labels = ["(no id)" if pd.isna(value) else value for value in groups]
    names = list(dict.fromkeys(labels))
    chance.shuffle(names)
    chosen = set(names[: max(1, len(names) // 2)])
    test = [row for row, label in enumerate(labels) if label in chosen]
    return [row for row, label in enumerate(labels) if label not in chosen], test
