# task: onb1-t2
# code: ONB1-M5
# loses: onb1-t2-hidden
# why: ignores upper and lower case, but not accents or spaces
# cell: onb1-t2-solution
def factory(name, table):
    """City, country and focus of one factory of the table."""
    for row in table:
        if row["name"].lower() == name.lower():
            return {key: row[key] for key in ("city", "country", "focus")}
    names = ", ".join(row["name"] for row in table)
    raise KeyError(f"no factory {name!r}; there are: {names}")
