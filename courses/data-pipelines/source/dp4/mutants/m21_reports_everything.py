# task: dp4-t5
# code: DP4-M17
# loses: dp4-t5-hidden
# why: reports each timestamp column and each column of texts; recall without precision
# cell: dp4-t5-solution
def find_leaks(train, test, target, id_column, time_column):
    """Duplicates, shared ids, columns from the future and copies of the target."""
    columns = [name for name in train.columns if name != id_column]
    known = {tuple(map(str, row)) for row in train[columns].itertuples(index=False)}
    others = [name for name in columns if name not in (target, time_column)]
    times = [name for name in others if pd.api.types.is_datetime64_any_dtype(train[name])]
    return {
        "duplicates": [p for p, row in enumerate(test[columns].itertuples(index=False)) if tuple(map(str, row)) in known],
        "shared_ids": sorted(set(train[id_column]) & set(test[id_column])),
        "future_columns": times,
        "target_copies": [name for name in others if name not in times and train[name].nunique() == 2],
    }
