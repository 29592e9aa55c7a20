# task: dp4-t1
# code: DP4-M5
# loses: dp4-t1-hidden
# why: groups that are whole numbers are treated as if each row were a group
# cell: dp4-t1-solution
def group_split(groups, test_fraction=0.25, seed=0):
    """Row positions (train, test) such that no group is on both sides."""
    chance = np.random.default_rng(seed)
    labels = ["(no id)" if pd.isna(value) else value for value in groups]
    if not isinstance(labels[0], str):
        labels = [f"{value}-{row}" for row, value in enumerate(labels)]
    names = list(dict.fromkeys(labels))
    chance.shuffle(names)
    chosen = set(names[: max(1, round(test_fraction * len(names)))])
    test = [row for row, label in enumerate(labels) if label in chosen]
    return [row for row, label in enumerate(labels) if label not in chosen], test
