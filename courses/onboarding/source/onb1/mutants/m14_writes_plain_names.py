# task: onb1-t2
# code: ONB1-M4
# loses: onb1-t2-hidden
# why: writes the plain names into the table of the caller
# cell: onb1-t2-solution
def factory(name, table):
    """City, country and focus of one factory of the table."""
    names = ", ".join(row["name"] for row in table)
    for row in table:
        row["name"] = plain(row["name"])
    for row in table:
        if row["name"] == plain(name):
            return {key: row[key] for key in ("city", "country", "focus")}
    raise KeyError(f"no factory {name!r}; there are: {names}")
