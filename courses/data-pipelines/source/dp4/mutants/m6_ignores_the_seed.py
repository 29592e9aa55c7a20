# task: dp4-t1
# code: DP4-M7
# loses: dp4-t1-hidden
# why: always tests the last groups
# cell: dp4-t1-solution
def group_split(groups, test_fraction=0.25, seed=0):
    """Row positions (train, test) such that no group is on both sides."""
    labels = ["(no id)" if pd.isna(value) else value for value in groups]
    names = list(dict.fromkeys(labels))
    chosen = set(names[-max(1, round(test_fraction * len(names))) :])
    test = [row for row, label in enumerate(labels) if label in chosen]
    return [row for row, label in enumerate(labels) if label not in chosen], test
