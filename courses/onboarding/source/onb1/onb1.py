# %% [markdown]
# # ONB-1: First login, first grade, first model served
#
# **In short.** You repair a cell, write five small functions, train a first model, hand in, read your feedback and hand
# in again. Time: about 90 minutes. Points: 20. You need 70 % of them for the certificate *First steps*.
#
# **Contents**
#
# 1. Repair a cell (2 points)
# 2. Look up a factory (4 points)
# 3. Name the component (3 points)
# 4. Describe the factories (4 points)
# 5. Find the hidden state (2 points)
# 6. Serve a first model (3 points)
# 7. Use your feedback (2 points)

# %% [markdown]
# ## How this notebook works
#
# - A **cell** is one box of text or code. Run a code cell with <kbd>Shift</kbd> + <kbd>Enter</kbd>.
# - Write your answer where you see `# YOUR CODE HERE`. Then delete the line `raise NotImplementedError()`.
# - Below each answer there is a **visible test**. You may run it as often as you like. If it stays silent, it has passed.
# - When you hand in, **hidden tests** run too. They call your functions with other data. So a function that only knows
#   the examples on this page does not pass.
# - Your best result counts. Handing in again costs nothing.
#
# Before you hand in, choose *Kernel → Restart Kernel and Run All Cells…*. The notebook must run from top to bottom.

# %% [markdown]
# ## Before you read on: two questions
#
# Think of an answer first, then open the lines below.
#
# <details><summary>1. A function uses a variable that you made in another cell. What happens after a restart?</summary>
# The variable is gone until that cell runs again. If the cell was deleted, the function fails. Task 5 is about this.
# </details>
#
# <details><summary>2. A test that you can see passes. Does that prove that your function is right?</summary>
# No. It proves that the function is right for the examples in that test.
# </details>

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "onb1-given-tables"}
FACTORIES = [
    {"name": "Barcelona", "city": "Barcelona", "country": "Spain", "focus": "supercomputing"},
    {"name": "Bissen", "city": "Bissen", "country": "Luxembourg", "focus": "space and finance"},
    {"name": "Bologna", "city": "Bologna", "country": "Italy", "focus": "agrifood and cybersecurity"},
    {"name": "Stuttgart", "city": "Stuttgart", "country": "Germany", "focus": "industry"},
    {"name": "Mimer", "city": "Linköping", "country": "Sweden", "focus": "life sciences"},
    {"name": "Kajaani", "city": "Kajaani", "country": "Finland", "focus": "skills"},
    {"name": "Athens", "city": "Athens", "country": "Greece", "focus": "research"},
]

COMPONENTS = {
    "Data Pipelines": "prepare large datasets for training",
    "Algorithm Development": "create AI models",
    "Supercomputing Infrastructure": "give the computing power for training",
    "Experimentation Platforms": "test and refine AI applications",
}

# %% [markdown]
# ## Task 1: Repair a cell (2 points)
#
# **Worked example.** An error message is read from the bottom up. The last line says *what* went wrong. The lines above
# say *where*. The next cell runs a broken function and prints the last line of its error.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "onb1-given-broken"}
def broken_gpu_hours(jobs):
    total = 0
    for job in jobs:
        total = total + job["gpus"] * job["hour"]
    return total


try:
    broken_gpu_hours([{"name": "train", "gpus": 4, "hours": 2.5}])
except KeyError as error:
    print("KeyError:", error)

# %% [markdown]
# The message names a key that the job does not have. Write the function again, without the fault.
#
# **Contract of `gpu_hours(jobs)`**
#
# - `jobs`: a list of dictionaries. Each has `"gpus"` (a whole number) and `"hours"` (a number).
# - It returns the sum of GPUs times hours over all jobs. For an empty list it returns `0`.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "onb1-t1-solution"}
def gpu_hours(jobs):
    """Sum of GPUs times hours over all jobs."""
    ### BEGIN SOLUTION
    total = 0
    for job in jobs:
        total = total + job["gpus"] * job["hours"]
    return total
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t1-visible", "points": 1}
jobs = [{"name": "train", "gpus": 4, "hours": 2.5}, {"name": "test", "gpus": 1, "hours": 3}]
got = gpu_hours(jobs)
assert got == 13.0, f"gpu_hours: expected 13.0 for 4 x 2.5 + 1 x 3, got {got!r}. Next: compare the key in the message with the keys of a job."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t1-hidden", "points": 1}
# Hidden test: other jobs, and none at all.
### BEGIN HIDDEN TESTS
from grader import onb1

onb1.check_gpu_hours(gpu_hours)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 2: Look up a factory (4 points)
#
# People type names in many ways: `BOLOGNA`, `bologna`, `Bológna`. The function `plain` below makes them equal: it takes
# accents away and ignores upper and lower case.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "onb1-given-plain"}
import unicodedata


def plain(text):
    """The text without accents, without spaces around it, in lower case."""
    letters = unicodedata.normalize("NFKD", text.strip())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


print(plain("  Linköping "))

# %% [markdown]
# **Contract of `factory(name, table)`**
#
# - `name`: the name of a factory. Upper and lower case, accents and spaces around it do not matter.
# - `table`: a list of dictionaries with the keys `"name"`, `"city"`, `"country"`, `"focus"`. Use this argument, not
#   `FACTORIES`: the test brings other tables.
# - It returns a dictionary with exactly the keys `"city"`, `"country"` and `"focus"`.
# - If no row has that name, it raises a `KeyError`. The text of the error contains every name that is in the table.
# - It does not change the table.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "onb1-t2-solution"}
def factory(name, table):
    """City, country and focus of one factory of the table."""
    ### BEGIN SOLUTION
    for row in table:
        if plain(row["name"]) == plain(name):
            return {key: row[key] for key in ("city", "country", "focus")}
    names = ", ".join(row["name"] for row in table)
    raise KeyError(f"no factory {name!r}; there are: {names}")
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t2-visible", "points": 2}
got = factory("Barcelona", FACTORIES)
assert type(got) is dict, f"factory: expected a dictionary, got {type(got).__name__}. Next: return {{'city': …, 'country': …, 'focus': …}}."
wanted = {"city": "Barcelona", "country": "Spain", "focus": "supercomputing"}
assert got == wanted, f"factory('Barcelona'): expected {wanted}, got {got}. Next: return city, country and focus of the row, no more."
got = factory("athens", FACTORIES)
wanted = {"city": "Athens", "country": "Greece", "focus": "research"}
assert got == wanted, f"factory('athens'): expected {wanted}, got {got}. Next: compare plain(…) of both names."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t2-hidden", "points": 2}
# Hidden test: other tables, names with accents, names that are not there, and whether the table stays as it was.
### BEGIN HIDDEN TESTS
from grader import onb1

onb1.check_factory(factory)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 3: Name the component (3 points)
#
# An AI factory has four components. The next cell shows them, and twelve statements about work in a factory.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "onb1-given-statements"}
STATEMENTS = [
    "Remove duplicate rows from ten million flight records.",
    "Compare two versions of a chat assistant with real users.",
    "Reserve four GPUs for a job of two hours.",
    "Design the loss function of a new model.",
    "Check that each file follows the agreed schema.",
    "Choose between a decision tree and a neural network.",
    "Add a second network card so that nodes exchange gradients faster.",
    "Watch a deployed model for a drop in quality.",
    "Write a loader that streams images from shards.",
    "Cut the number of parameters and keep the accuracy.",
    "Save the state of a long run so that it can start again on another node.",
    "Let ten per cent of requests go to the new model first.",
]

for component, meaning in COMPONENTS.items():
    print(f"{component}: {meaning}")

# %% [markdown]
# **Contract of `component_of(statement)`**
#
# - `statement`: one of the twelve texts in `STATEMENTS`.
# - It returns the name of the component: one of the four keys of `COMPONENTS`.
# - For any other text it raises a `KeyError`.
#
# Write the dictionary inside the function. The first line is done for you. You pass with eleven right answers of twelve.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "onb1-t3-solution"}
def component_of(statement):
    """The component of an AI factory that a statement is about."""
    answers = {
        "Remove duplicate rows from ten million flight records.": "Data Pipelines",
    }
    ### BEGIN SOLUTION
    names = list(COMPONENTS)
    places = [0, 3, 2, 1, 0, 1, 2, 3, 0, 1, 2, 3]
    answers.update({text: names[place] for text, place in zip(STATEMENTS, places, strict=True)})
    return answers[statement]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t3-visible", "points": 1}
for statement in STATEMENTS:
    got = component_of(statement)
    assert got in list(COMPONENTS), f"component_of: expected one of {list(COMPONENTS)}, got {got!r} for {statement!r}. Next: copy the name exactly."
got = component_of(STATEMENTS[0])
assert got == "Data Pipelines", f"component_of: expected 'Data Pipelines' for {STATEMENTS[0]!r}, got {got!r}. Next: keep the line that was given."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t3-hidden", "points": 2}
# Hidden test: at least eleven of twelve are right, and a text that is not in the list raises KeyError.
### BEGIN HIDDEN TESTS
from grader import onb1

onb1.check_component_of(component_of)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 4: Describe the factories (4 points)
#
# A **pure function** gives the same result for the same input, and changes nothing else. You can trust it: no matter how
# often or in which order you call it.
#
# **Contract of `describe(factories)`**
#
# - `factories`: a list of dictionaries with at least the key `"country"`. It may be empty. The order means nothing.
# - It returns a dictionary with three keys:
#   - `"count"`: how many factories there are, a whole number;
#   - `"countries"`: the different countries, a list in alphabetical order;
#   - `"per_country"`: a dictionary from country to the number of factories in it.
# - It is pure: it does not change `factories`, and it remembers nothing from one call to the next.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "onb1-t4-solution"}
def describe(factories):
    """Count, countries and factories per country."""
    ### BEGIN SOLUTION
    per_country = {}
    for row in factories:
        per_country[row["country"]] = per_country.get(row["country"], 0) + 1
    return {"count": len(factories), "countries": sorted(per_country), "per_country": per_country}
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t4-visible", "points": 2}
got = describe([{"name": "A", "country": "Spain"}, {"name": "B", "country": "Italy"}, {"name": "C", "country": "Spain"}])
assert type(got) is dict, f"describe: expected a dictionary, got {type(got).__name__}. Next: return the three keys of the contract."
wanted = {"count": 3, "countries": ["Italy", "Spain"], "per_country": {"Italy": 1, "Spain": 2}}
assert got == wanted, f"describe: expected {wanted}, got {got}. Next: compare key by key."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t4-hidden", "points": 2}
# Hidden test: other tables, an empty one, two calls in a row, and whether the input stays as it was.
### BEGIN HIDDEN TESTS
from grader import onb1

onb1.check_describe(describe)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 5: Find the hidden state (2 points)
#
# A colleague sends you this function. On their screen it works. On yours it fails with
# `NameError: name 'price' is not defined`. They once made `price` in a cell and then deleted the cell. Their kernel still
# remembers it; yours never knew it. This is called **hidden state**.
#
# ```python
# def energy_cost(hours, kilowatts):
#     return hours * kilowatts * price
# ```
#
# **Contract of `energy_cost(hours, kilowatts, price_per_kwh)`**
#
# - All three arguments are numbers. It returns hours times kilowatts times price.
# - It uses its three arguments and nothing else.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "onb1-t5-solution"}
### BEGIN SOLUTION
def energy_cost(hours, kilowatts, price_per_kwh):
    """Cost of running a machine: hours times kilowatts times price."""
    return hours * kilowatts * price_per_kwh
### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t5-visible", "points": 1}
got = energy_cost(10, 2, 0.25)
assert got == 5.0, f"energy_cost(10, 2, 0.25): expected 5.0, got {got!r}. Next: multiply the three arguments."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t5-hidden", "points": 1}
# Hidden test: other prices.
### BEGIN HIDDEN TESTS
from grader import onb1

onb1.check_energy_cost(energy_cost)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 6: Serve a first model (3 points)
#
# A model is **trained** on examples with known answers. Then it is **served**: it gets new rows and gives labels back. Both
# functions are here. The model has three lines; `serve` stands for a web service that takes a request and gives a reply.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": false, "locked": true, "task": false, "grade_id": "onb1-given-model"}
from sklearn.datasets import load_iris
from sklearn.neighbors import KNeighborsClassifier


def train(rows, labels):
    """A trained model: it gives a new row the label that most of its five nearest neighbours have."""
    model = KNeighborsClassifier(n_neighbors=5)
    model.fit(rows, labels)
    return model


def serve(model, request):
    """The reply to a request {"rows": [...]}: {"labels": [...]} in the same order."""
    return {"labels": [str(label) for label in model.predict(request["rows"])]}


iris = load_iris()
IRIS_ROWS = iris.data.tolist()
IRIS_LABELS = [str(iris.target_names[number]) for number in iris.target]
print(IRIS_ROWS[0], IRIS_LABELS[0])

# %% [markdown]
# **Contract of `first_model(rows, labels, new_rows)`**
#
# - `rows`, `labels`: examples. Each row is a list of four numbers; each label is a text.
# - `new_rows`: rows without labels.
# - It trains a model on the examples, serves `new_rows`, and returns the labels: a list of texts, one for each new row.
# - It uses the examples that it is given, not the iris data above.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "onb1-t6-solution"}
def first_model(rows, labels, new_rows):
    """Labels for the new rows, from a model trained on the examples."""
    ### BEGIN SOLUTION
    model = train(rows, labels)
    return serve(model, {"rows": new_rows})["labels"]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t6-visible", "points": 2}
got = first_model(IRIS_ROWS[::2], IRIS_LABELS[::2], IRIS_ROWS[1::2])
assert type(got) is list and len(got) == 75, f"first_model: expected a list of 75 labels, got {type(got).__name__}. Next: return what serve gives under 'labels'."
right = sum(one == other for one, other in zip(got, IRIS_LABELS[1::2], strict=True))
assert right >= 68, f"first_model: expected at least 68 of 75 right, got {right}. Next: train on rows and labels, then serve new_rows."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t6-hidden", "points": 1}
# Hidden test: other examples with other labels.
### BEGIN HIDDEN TESTS
from grader import onb1

onb1.check_first_model(first_model)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 7: Use your feedback (2 points)
#
# Nobody is right the first time. In this task you need the feedback to finish.
#
# 1. Leave the text below as it is for now. Hand in: *Nbgrader → Assignment List → Submit*.
# 2. After some seconds your feedback is ready. Look for the line of task 7. It tells you a word.
# 3. Write that word between the quotes, and hand in again.
#
# **Contract of `word_from_feedback()`**: it takes no argument and returns the word, a text.

# %% nbgrader={"schema_version": 3, "grade": false, "solution": true, "locked": false, "task": false, "grade_id": "onb1-t7-solution"}
def word_from_feedback():
    """The word that the feedback of task 7 told me."""
    ### BEGIN SOLUTION
    return "lighthouse"
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t7-visible", "points": 1}
got = word_from_feedback()
assert type(got) is str and got.strip() != "", f"word_from_feedback: expected a word, got {got!r}. Next: hand in, read the feedback of task 7, and return the word it tells you."

# %% nbgrader={"schema_version": 3, "grade": true, "solution": false, "locked": true, "task": false, "grade_id": "onb1-t7-hidden", "points": 1}
# Hidden test: the word is right. Its feedback tells you the word.
### BEGIN HIDDEN TESTS
from grader import onb1

onb1.check_word(word_from_feedback)
### END HIDDEN TESTS

# %% [markdown]
# ## Done
#
# You repaired a cell, wrote pure functions, found hidden state, served a model, and used feedback. Choose *Kernel → Restart
# Kernel and Run All Cells…*, save, and hand in. When you have 70 % of the points, your certificate is on your page.
