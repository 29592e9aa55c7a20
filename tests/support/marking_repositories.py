"""In-memory repositories of marking, appeals and deadlines, over the same State as the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from factory_academy.domain.appeal import Appeal, AppealAnswer, AppealState
from factory_academy.domain.lateness import DeadlineRule, Extension
from factory_academy.domain.marking import Claim, Mark, MarkingPolicy, Remark, Snippet
from factory_academy.domain.rubric import Rubric
from tests.support.fake_state import Fake, refuse


class FakeMarks(Fake):
    def decide_alone(self, submission_id: str) -> None:
        """Transactions of the fake are one at a time anyway."""

    def add(self, mark: Mark) -> None:
        unknown = mark.submission_id not in self._state.submissions or mark.marker_id not in self._state.people
        refuse(unknown, "no such submission or marker")
        self._state.marks[len(self._state.marks)] = mark

    def of_submissions(self, submission_ids: Sequence[str]) -> Mapping[str, Sequence[Mark]]:
        found: dict[str, list[Mark]] = {}
        for mark in self._state.marks.values():
            if mark.submission_id in set(submission_ids):
                found.setdefault(mark.submission_id, []).append(mark)
        return found

    def is_used(self, assignment_version: str, task_id: str) -> bool:
        return any(
            mark.task_id == task_id
            and self._state.submissions[mark.submission_id].assignment_version == assignment_version
            for mark in self._state.marks.values()
        )

    def claim(self, claim: Claim, now: datetime) -> bool:
        refuse(claim.submission_id not in self._state.submissions, "no such submission")
        key = (claim.submission_id, claim.task_id)
        held = self._state.claims.get(key)
        if held is not None and held.marker_id != claim.marker_id and held.until > now:
            return False
        self._state.claims[key] = claim
        return True

    def give_back(self, submission_id: str, task_id: str, marker_id: str) -> None:
        held = self._state.claims.get((submission_id, task_id))
        if held is not None and held.marker_id == marker_id:
            del self._state.claims[submission_id, task_id]

    def claims(self, submission_ids: Sequence[str], now: datetime) -> Sequence[Claim]:
        held = [c for c in self._state.claims.values() if c.submission_id in set(submission_ids) and c.until > now]
        return sorted(held, key=lambda c: (c.submission_id, c.task_id))

    def add_remark(self, remark: Remark) -> None:
        unknown = remark.submission_id not in self._state.submissions or remark.person_id not in self._state.people
        refuse(unknown, "no such submission or person")
        self._state.remarks[len(self._state.remarks)] = remark

    def remarks(self, submission_id: str) -> Sequence[Remark]:
        return [r for r in self._state.remarks.values() if r.submission_id == submission_id]


class FakeRubrics(Fake):
    def add(self, rubric: Rubric, made_by: str, at: datetime) -> None:
        refuse(made_by not in self._state.people, "no such person")
        self._state.rubrics.setdefault(rubric.version, rubric)

    def attach(self, assignment_version: str, task_id: str, rubric_version: str) -> None:
        unknown = assignment_version not in self._state.versions or rubric_version not in self._state.rubrics
        refuse(unknown, "no such version or rubric")
        self._state.task_rubrics[assignment_version, task_id] = rubric_version

    def detach(self, assignment_version: str, task_id: str) -> None:
        self._state.task_rubrics.pop((assignment_version, task_id), None)

    def of_version(self, assignment_version: str) -> Mapping[str, Rubric]:
        mine = {
            task: rubric
            for (version, task), rubric in self._state.task_rubrics.items()
            if version == assignment_version
        }
        return {task_id: self._state.rubrics[rubric] for task_id, rubric in mine.items()}

    def policy(self, section_id: str, assignment_name: str) -> MarkingPolicy | None:
        return self._state.policies.get((section_id, assignment_name))

    def policies(self, section_ids: Sequence[str], assignment_name: str) -> Mapping[str, MarkingPolicy]:
        found = {section: self.policy(section, assignment_name) for section in section_ids}
        return {section: policy for section, policy in found.items() if policy is not None}

    def set_policy(self, section_id: str, assignment_name: str, policy: MarkingPolicy) -> None:
        refuse(section_id not in self._state.sections, "no such section")
        self._state.policies[section_id, assignment_name] = policy

    def add_snippet(self, snippet: Snippet) -> None:
        unknown = snippet.owner_id not in self._state.people or snippet.course_id not in self._state.courses
        refuse(unknown or snippet.id in self._state.snippets, "no such person or course, or the id is taken")
        self._state.snippets[snippet.id] = snippet

    def snippets(self, owner_id: str, course_id: str) -> Sequence[Snippet]:
        mine = [s for s in self._state.snippets.values() if (s.owner_id, s.course_id) == (owner_id, course_id)]
        return sorted(mine, key=lambda s: (s.made_at, s.id))

    def remove_snippet(self, snippet_id: str, owner_id: str) -> bool:
        found = self._state.snippets.get(snippet_id)
        if found is None or found.owner_id != owner_id:
            return False
        del self._state.snippets[snippet_id]
        return True


class FakeAppeals(Fake):
    def add(self, appeal: Appeal) -> bool:
        refuse(appeal.submission_id not in self._state.submissions, "no such submission")
        if appeal.task_id in {a.task_id for a in self.of_submission(appeal.submission_id)}:
            return False
        self._state.appeals[appeal.id] = replace(appeal, answer=None)
        return True

    def find(self, appeal_id: str) -> Appeal | None:
        return self._state.appeals.get(appeal_id)

    def of_submission(self, submission_id: str) -> Sequence[Appeal]:
        mine = [a for a in self._state.appeals.values() if a.submission_id == submission_id]
        return sorted(mine, key=lambda a: (a.opened_at, a.id))

    def of_course(self, course_id: str, open_only: bool = True) -> Sequence[Appeal]:
        submissions = self._state.submissions
        mine = [a for a in self._state.appeals.values() if submissions[a.submission_id].course_id == course_id]
        mine = [a for a in mine if not open_only or a.state is AppealState.OPEN]
        return sorted(mine, key=lambda a: (a.opened_at, a.id))

    def answer(self, appeal_id: str, answer: AppealAnswer) -> bool:
        found = self._state.appeals.get(appeal_id)
        if found is None or found.answer is not None:
            return False
        refuse(answer.by not in self._state.people, "no such person")
        self._state.appeals[appeal_id] = replace(found, answer=answer)
        return True


class FakeDeadlines(Fake):
    def add(self, rule: DeadlineRule) -> None:
        unknown = rule.course_id not in self._state.courses
        refuse(unknown or rule.section_id not in {None, *self._state.sections}, "no such course or section")
        self._state.deadlines[len(self._state.deadlines)] = rule

    def of_assignment(self, course_id: str, assignment_name: str) -> Sequence[DeadlineRule]:
        return [rule for rule in self.of_course(course_id) if rule.assignment_name == assignment_name]

    def of_course(self, course_id: str) -> Sequence[DeadlineRule]:
        return [rule for rule in self._state.deadlines.values() if rule.course_id == course_id]

    def extend(self, extension: Extension) -> None:
        unknown = extension.trainee_id not in self._state.people or extension.course_id not in self._state.courses
        refuse(unknown, "no such trainee or course")
        self._state.extensions[len(self._state.extensions)] = extension

    def extensions(self, course_id: str, assignment_name: str) -> Sequence[Extension]:
        wanted = (course_id, assignment_name)
        return [e for e in self._state.extensions.values() if (e.course_id, e.assignment_name) == wanted]

    def extra(self, trainee_id: str, course_id: str) -> Mapping[str, timedelta]:
        mine = [e for e in self._state.extensions.values() if (e.trainee_id, e.course_id) == (trainee_id, course_id)]
        last = {e.assignment_name: e.extra for e in mine}
        return {name: extra for name, extra in last.items() if extra}
