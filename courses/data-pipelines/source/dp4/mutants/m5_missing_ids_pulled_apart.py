# task: dp4-t1
# code: DP4-M6
# loses: dp4-t1-hidden
# why: each row without an id becomes a group of its own
# cell: dp4-t1-solution
def group_split(groups, test_fraction=0.25, seed=0):
    """Row positions (train, test) such that no group is on both sides."""
    chance = np.random.default_rng(seed)
    labels = [f"missing {row}" if pd.isna(value) else value for row, value in enumerate(groups)]
    names = sorted(set(labels), key=str)
    wanted = max(1, round(test_fraction * len(names)))
    chosen = {names[number] for number in chance.choice(len(names), wanted, replace=False)}
    test = [row for row, label in enumerate(labels) if label in chosen]
    return [row for row, label in enumerate(labels) if label not in chosen], test
