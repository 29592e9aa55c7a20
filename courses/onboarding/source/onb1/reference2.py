# A second, independent solution: other algorithms, other types where the contract allows them.

# cell: onb1-t1-solution
import math
from collections import Counter


def gpu_hours(jobs):
    """Sum of GPUs times hours over all jobs."""
    return math.fsum(map(lambda job: job["hours"] * job["gpus"], jobs)) if jobs else 0


# cell: onb1-t2-solution
def factory(name, table):
    """City, country and focus of one factory of the table."""
    wanted = [row for row in table if not plain(row["name"]) != plain(name)]
    if not wanted:
        raise KeyError("unknown name", [row["name"] for row in table])
    row = dict(wanted[0])
    row.pop("name")
    return row


# cell: onb1-t3-solution
def component_of(statement):
    """The component of an AI factory that a statement is about."""
    if statement not in STATEMENTS:
        raise KeyError(statement)
    words = {
        "Data Pipelines": ("duplicate", "schema", "loader"),
        "Algorithm Development": ("loss", "neural", "parameters"),
        "Supercomputing Infrastructure": ("GPUs", "network card", "state"),
    }
    for component, marks in words.items():
        if any(mark in statement for mark in marks):
            return component
    return "Experimentation Platforms"


# cell: onb1-t4-solution
def describe(factories):
    """Count, countries and factories per country."""
    counts = Counter(row["country"] for row in factories)
    return dict(count=sum(counts.values()), countries=sorted(set(counts)), per_country={**counts})


# cell: onb1-t5-solution
energy_cost = lambda hours, kilowatts, price_per_kwh: price_per_kwh * (kilowatts * hours)


# cell: onb1-t6-solution
def first_model(rows, labels, new_rows):
    """Labels for the new rows, from a model trained on the examples."""
    answers = []
    model = train(rows, labels)
    for row in new_rows:
        answers += serve(model, {"rows": [row]})["labels"]
    return answers


# cell: onb1-t7-solution
def word_from_feedback():
    """The word that the feedback of task 7 told me."""
    return "Lighthouse".lower()
