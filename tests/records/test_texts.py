from hypothesis import given
from hypothesis import strategies as st
from tests.support.nouns import outcomes, rules, tasks, words

from factory_academy.records.repositories import texts


@given(outcome=outcomes)
def test_every_outcome_comes_back_from_its_texts(outcome):
    scores, run = texts.scores_to_text(outcome.tasks), texts.run_to_text(outcome)
    assert texts.outcome_from_texts(scores, run) == outcome
    assert texts.scores_from_text(scores) == outcome.tasks
    assert (scores + run).isascii()
    assert "\0" not in scores + run


@given(rule=rules)
def test_every_rule_comes_back_from_its_text(rule):
    assert texts.rule_from_text(texts.rule_to_text(rule)) == rule


@given(some=st.lists(tasks, max_size=4).map(tuple))
def test_every_list_of_tasks_comes_back_from_its_text(some):
    assert texts.tasks_from_text(texts.tasks_to_text(some)) == some


@given(names=st.lists(words).map(tuple), pairs=st.lists(st.tuples(words, words)).map(tuple))
def test_names_and_pairs_come_back_from_their_texts(names, pairs):
    assert texts.names_from_text(texts.names_to_text(names)) == names
    assert texts.pairs_from_text(texts.pairs_to_text(pairs)) == pairs
