"""Whatever is killed, nothing handed in is lost, nothing is graded twice, and sessions live on."""

import random
import threading
import time
from collections import Counter

from tests.support.handing_in import reference_archive
from tests.support.running import ApiClient, Visitor, running_academy, wait_for

from factory_academy.domain.submission import SubmissionState
from factory_academy.records.store import RecordStore

SUBMISSIONS = 50
KILLS_EACH = 10
SEED = 20261124


def test_fifty_submissions_survive_thirty_kills(tmp_path):
    with running_academy(tmp_path / "home", graders="1") as academy:
        ada = Visitor(academy, "ada", academy.accounts["ada"]).sign_in()
        assert ada.start_session(profile="cpu").status_code in (201, 202)
        session = wait_for(lambda: _status_of_session(ada), "the session")
        api = ApiClient(academy, ada.token())

        killed = Counter()
        killer = threading.Thread(target=_kill_at_random, args=(academy, killed), daemon=True)
        killer.start()
        receipts = [_hand_in(api, number) for number in range(SUBMISSIONS)]
        killer.join()

        assert killed == {"grader-1": KILLS_EACH, "portal": KILLS_EACH, "hub": KILLS_EACH}
        assert len(set(receipts)) == SUBMISSIONS
        records = RecordStore(f"sqlite:///{academy.home / 'academy.db'}")
        wait_for(lambda: _all_terminal(records, receipts), "fifty terminal states", seconds=600, pause=1)
        assert Counter(_events(records, receipt) for receipt in receipts) == {1: SUBMISSIONS}
        unlucky = [receipt for receipt in receipts if _state(records, receipt) is not SubmissionState.GRADED]
        assert all(_was_hit_twice(records, receipt) for receipt in unlucky)
        assert len(unlucky) <= KILLS_EACH // 2

        wait_for(lambda: ada.http.get("/hub/api/").status_code == 200, "the hub")
        later = wait_for(lambda: _status_of_session(ada), "the session, after the kills")
        assert later["started"] == session["started"]


def _hand_in(api, number):
    archive = reference_archive("onboarding", "onb1", remark=f"number {number}")
    answer = api.hand_in("onboarding", "onb1", archive)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["submission_id"]


def _kill_at_random(academy, killed):
    chance = random.Random(SEED)
    plan = ["grader-1", "portal", "hub"] * KILLS_EACH
    chance.shuffle(plan)
    for part in plan:
        time.sleep(chance.uniform(0.1, 2.0))
        before = wait_for(lambda part=part: _pid_if_alive(academy, part), f"a {part} to kill")
        academy.kill(part)
        killed[part] += 1
        wait_for(
            lambda part=part, before=before: _pid_if_alive(academy, part) not in (None, before), f"the next {part}"
        )


def _pid_if_alive(academy, part):
    try:
        pid = academy.pid(part)
        with open(f"/proc/{pid}/stat") as stat:
            return pid if stat.read().rsplit(")", 1)[1].split()[0] != "Z" else None
    except (OSError, ValueError):
        return None


def _all_terminal(records, receipts):
    return all(_state(records, receipt).is_terminal for receipt in receipts)


def _state(records, receipt):
    with records.transaction() as repositories:
        return repositories.submissions.find(receipt).state


def _was_hit_twice(records, receipt):
    """Two workers were killed while they held it: nobody can tell that from work that kills its worker."""
    with records.transaction() as repositories:
        return "took the grading process down twice" in repositories.submissions.find(receipt).reason


def _events(records, receipt):
    with records.transaction() as repositories:
        return len(repositories.grades.history(receipt))


def _status_of_session(visitor):
    visitor.http.get("/user/ada/lab")
    answer = visitor.http.get("/user/ada/api/status")
    return answer.json() if answer.status_code == 200 and "started" in answer.text else None
