# task: onb1-t2
# code: ONB1-M1
# loses: onb1-t2-hidden
# why: looks in FACTORIES instead of the argument
# cell: onb1-t2-solution
def factory(name, table):
    """City, country and focus of one factory of the table."""
    for row in FACTORIES:
        if plain(row["name"]) == plain(name):
            return {key: row[key] for key in ("city", "country", "focus")}
    names = ", ".join(row["name"] for row in FACTORIES)
    raise KeyError(f"no factory {name!r}; there are: {names}")
