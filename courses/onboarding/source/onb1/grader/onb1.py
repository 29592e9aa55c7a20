"""Hidden checks of ONB-1. The judge imports this file; trainees never see it."""

from __future__ import annotations

import copy
import random

import judge

_CITIES = (
    ("Jülich", "Jülich", "Germany"),
    ("Besançon", "Besançon", "France"),
    ("Málaga", "Málaga", "Spain"),
    ("Göteborg", "Göteborg", "Sweden"),
    ("Coruña", "A Coruña", "Spain"),
    ("Jyväskylä", "Jyväskylä", "Finland"),
    ("Liège", "Liège", "Belgium"),
    ("Plzeň", "Plzeň", "Czechia"),
    ("Évora", "Évora", "Portugal"),
    ("Trento", "Trento", "Italy"),
)
_FOCUS = ("health", "energy", "transport", "language", "climate", "materials", "robots")
_WORD = "lighthouse"
_COMPONENTS = ("Data Pipelines", "Algorithm Development", "Supercomputing Infrastructure", "Experimentation Platforms")
_PLACES = {
    "Remove duplicate rows from ten million flight records.": 0,
    "Compare two versions of a chat assistant with real users.": 3,
    "Reserve four GPUs for a job of two hours.": 2,
    "Design the loss function of a new model.": 1,
    "Check that each file follows the agreed schema.": 0,
    "Choose between a decision tree and a neural network.": 1,
    "Add a second network card so that nodes exchange gradients faster.": 2,
    "Watch a deployed model for a drop in quality.": 3,
    "Write a loader that streams images from shards.": 0,
    "Cut the number of parameters and keep the accuracy.": 1,
    "Save the state of a long run so that it can start again on another node.": 2,
    "Let ten per cent of requests go to the new model first.": 3,
}


def _random():
    return random.Random(f"onb1-{judge.seed()}")


def _bare(text):
    return text.translate(str.maketrans("üçáöñäèňÉ", "ucaonaenE"))


def _table(dice):
    rows = dice.sample(_CITIES, 5)
    return [{"name": n, "city": c, "country": k, "focus": dice.choice(_FOCUS)} for n, c, k in rows]


def _is_number(value):
    return type(value) in (int, float)


def check_gpu_hours(gpu_hours):
    """Other jobs, one job, none."""
    dice = _random()
    for size in (5, 1, 0):
        jobs = [{"name": "j", "gpus": dice.randint(1, 8), "hours": dice.randint(1, 40) / 4} for _ in range(size)]
        wanted = sum(job["gpus"] * job["hours"] for job in jobs)
        got = gpu_hours(copy.deepcopy(jobs))
        judge.check(
            _is_number(got) and got == wanted and got != wanted + dice.randint(1, 9),
            f"gpu_hours gives a wrong sum for a list of {size} jobs.",
            expected="GPUs times hours, added over all jobs",
            got="another number" if _is_number(got) else type(got).__name__,
            next_step="Try your function by hand with one job, with two jobs and with an empty list.",
            code="ONB1-M6",
        )


def check_factory(factory):
    """Other tables, accents, unknown names, and the table left alone."""
    dice = _random()
    for _ in range(2):
        table = _table(dice)
        before = copy.deepcopy(table)
        for row in dice.sample(before, 3):
            wanted = {key: row[key] for key in ("city", "country", "focus")}
            _check_row(factory, row["name"], table, wanted, "ONB1-M1")
            for spelling in (row["name"].upper(), _bare(row["name"]).lower(), f" {_bare(row['name'])} "):
                _check_row(factory, spelling, table, wanted, "ONB1-M5")
        _check_untouched(table, before)
        _check_unknown(factory, table, before)
        _check_untouched(table, before)


def _check_untouched(table, before):
    judge.check(
        table == before,
        "factory changes the table that it is given.",
        expected="the table as it was before the call",
        got="a changed table",
        next_step="Read values with row[...]; do not use pop, del, sort or an assignment on the table.",
        code="ONB1-M4",
    )


def _check_row(factory, name, table, wanted, code):
    try:
        got = factory(name, table)
    except KeyError:
        got = None
    judge.check(
        type(got) is dict and got == wanted,
        "factory does not find the right row of a table it has not seen before."
        if code == "ONB1-M1"
        else "factory does not find a name that is written in another way.",
        expected="a dictionary with city, country and focus of that row of the table",
        got="another dictionary" if type(got) is dict else "no such row" if got is None else type(got).__name__,
        next_step="Look the row up in the argument `table`, and compare plain(...) of both names.",
        code=code,
    )


def _check_unknown(factory, table, before):
    for name in ("Atlantis", before[0]["city"] + "burg", ""):
        error = judge.raises(
            KeyError,
            factory,
            name,
            table,
            what="factory with a name that is not in the table",
            next_step="After the loop: raise KeyError with a text that contains all names of the table.",
            code="ONB1-M2",
        )
        text = " ".join(map(str, error.args))
        judge.check(
            all(row["name"] in text for row in before),
            "The KeyError does not list the valid names.",
            expected="a text that contains every name of the table",
            got="a text in which names are missing",
            next_step="Join the names of all rows of `table` and put them into the error.",
            code="ONB1-M2",
        )


def check_component_of(component_of):
    """Eleven of twelve, and a KeyError for other texts."""
    answers = {text: component_of(text) for text in _PLACES}
    right = sum(type(a) is str and a == _COMPONENTS[_PLACES[text]] for text, a in answers.items())
    judge.check(
        right >= 11,
        "Some statements belong to another component.",
        expected="at least 11 of 12 right",
        got=f"{right} of 12 right",
        next_step="Read what each component is for, above the task. Ask of each statement: is it about data, models, "
        "computing power, or trying things out?",
        code="ONB1-M7",
    )
    other = f"Statement number {_random().randint(13, 99)}."
    judge.raises(
        KeyError,
        component_of,
        other,
        what="component_of with a text that is not in the list",
        next_step="Look the text up with answers[statement].",
        code="ONB1-M2",
    )


def check_describe(describe):
    """Variants, the empty list, purity."""
    dice = _random()
    for size in (6, 1, 0, 4):
        table = [{"country": dice.choice(_CITIES)[2], "focus": dice.choice(_FOCUS)} for _ in range(size)]
        before = copy.deepcopy(table)
        countries = [row["country"] for row in before]
        wanted = {
            "count": size,
            "countries": sorted(set(countries)),
            "per_country": {country: countries.count(country) for country in countries},
        }
        first = describe(table)
        judge.check(
            table == before,
            "describe changes the list that it is given.",
            expected="the list as it was before the call",
            got="a changed list",
            next_step="Use sorted(...) instead of .sort(), and do not write into the rows.",
            code="ONB1-M4",
        )
        for got in (first, describe(table)):
            judge.equal(
                got,
                wanted,
                what=f"describe for {size} factories",
                next_step="Count again by hand for a list of two. Start from nothing in each call.",
                code="ONB1-M8",
            )


def check_energy_cost(energy_cost):
    """Other prices than the one on the page."""
    dice = _random()
    for _ in range(4):
        hours, kilowatts, price = dice.randint(1, 50), dice.randint(1, 20), dice.randint(30, 90) / 100
        got = energy_cost(hours, kilowatts, price)
        wanted = hours * kilowatts * price
        judge.check(
            _is_number(got) and abs(got - wanted) < 1e-9 and got != hours * kilowatts * (price + 1),
            "energy_cost does not follow the price that it is given.",
            expected="hours times kilowatts times price_per_kwh",
            got="another number" if _is_number(got) else type(got).__name__,
            next_step="Look for a name in your function that is none of its three arguments.",
            code="ONB1-M3",
        )


def check_first_model(first_model):
    """Other examples, other labels, and labels that change places."""
    dice = _random()
    names = dice.sample(["north", "south", "east", "west", "centre"], 3)
    centres = [[dice.uniform(3, 6) + 3 * (place == axis) for axis in range(4)] for place in range(3)]
    rows, truth = [], []
    for number in range(120):
        place = number % 3
        rows.append([centre + dice.gauss(0, 0.4) for centre in centres[place]])
        truth.append(names[place])
    known, new = rows[:75], rows[75:]
    right = _labels(first_model, known, truth[:75], new)
    _check_share(right, truth[75:])
    moved = dict(zip(names, names[1:] + names[:1], strict=True))
    changed = _labels(first_model, known, [moved[label] for label in truth[:75]], new)
    _check_share(changed, [moved[label] for label in truth[75:]])
    judge.check(
        changed != right,
        "first_model gives the same labels although the examples changed.",
        expected="labels that follow the examples",
        got="the same labels as before",
        next_step="Train a new model inside the function, with the arguments rows and labels.",
        code="ONB1-M9",
    )


def _labels(first_model, rows, labels, new):
    got = first_model(rows, labels, new)
    judge.check(
        type(got) is list and len(got) == len(new) and all(type(label) is str for label in got),
        "first_model does not return a list of texts, one for each new row.",
        expected=f"a list of {len(new)} texts",
        got=f"{type(got).__name__}",
        next_step="Return what serve(...) gives under the key 'labels'.",
        code="ONB1-M10",
    )
    return got


def _check_share(got, truth):
    share = sum(one == other for one, other in zip(got, truth, strict=True)) / len(truth)
    judge.check(
        share >= 0.8,
        "first_model does not learn from the examples that it is given.",
        expected="at least 80 % of the labels right",
        got=f"{share:.0%} right",
        next_step="Train with the arguments rows and labels, not with the iris data.",
        code="ONB1-M9",
    )


def check_word(word_from_feedback):
    """The word; the feedback is the only place that tells it, and that is the point."""
    try:
        got = word_from_feedback()
    except Exception:
        got = None
    judge.check(
        type(got) is str and got.strip().casefold() == _WORD,
        f"This is your feedback. The word is: {_WORD}",
        expected=f"the word {_WORD}",
        got="another word" if type(got) is str else "no word yet",
        next_step=f'Write return "{_WORD}" into word_from_feedback, save, and hand in again.',
        code="ONB1-M11",
    )
