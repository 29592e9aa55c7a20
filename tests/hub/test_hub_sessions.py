"""Sessions on a real hub: started, looked at from inside, outliving the hub, and ended without a trace."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.house import CHECKOUT, eventually
from tests.support.session import session_of

from factory_academy.domain.session import SessionState
from factory_academy.sessions.running import Presence, RunningSessions


@pytest.fixture(scope="module")
def ada(academy_house):
    """Ada, in her session; Ben is in his."""
    browser = session_of(academy_house.sign_in("ada"))
    yield browser
    browser.guest.stop()


@pytest.fixture(scope="module")
def ben(academy_house):
    browser = session_of(academy_house.sign_in("ben"))
    with browser.kernel() as kernel:
        kernel.run("import pathlib; pathlib.Path.home().joinpath('diary.txt').write_text('of ben')")
    yield browser
    browser.guest.stop()


@pytest.fixture(scope="module")
def inside(ada, ben):
    """A kernel in Ada's session, while Ben's session runs too."""
    with ada.kernel() as kernel:
        yield kernel


def records_of(house, person):
    with house.academy.records.reading() as repositories:
        return [s for s in repositories.sessions.recent() if s.person_id == person]


def open_leases(house):
    with house.academy.records.reading() as repositories:
        return list(repositories.sessions.open_leases())


def machine(house):
    return RunningSessions(house.settings.run / "sessions")


def test_jupyterlab_answers_and_a_kernel_computes(ada):
    assert "JupyterLab" in ada.open()
    with ada.kernel() as kernel:
        assert kernel.run("print(6 * 7)") == "42\n"


def test_the_session_is_on_record_as_running(academy_house, ada):
    (session,) = [s for s in records_of(academy_house, "ada") if s.ended_at is None]
    assert (session.state, session.profile_id, session.device_uuid) == (SessionState.RUNNING, "cpu", None)
    assert machine(academy_house).presence(session.id) is Presence.RUNNING


def test_what_is_saved_lies_in_the_own_home(ada, inside):
    said = inside.run("import os; open('mine.txt', 'w').write('x'); print(os.getcwd(), os.listdir('/home'))")
    assert said == "/home/ada ['ada']\n"
    assert [entry["name"] for entry in ada.api("GET", "contents")["content"]] == ["mine.txt"]
    assert ada.api("GET", "contents/mine.txt")["content"] == "x"


def test_the_home_holds_as_much_as_the_profile_says_and_no_more(inside):
    said = inside.run(
        "import os\n"
        "try:\n    open('big', 'wb').write(bytes(100 << 20))\n"
        "except OSError as error:\n    print(error.strerror)\n"
        "finally:\n    os.path.exists('big') and os.remove('big')"
    )
    assert said in ("No space left on device\n", "File too large\n")


@pytest.mark.parametrize(
    "what",
    [
        "{home}",
        "{home}/academy.db",
        "{home}/hub.db",
        "{home}/keys/proxy.token",
        "{home}/homes/ben",
        "/home/ben",
        "{checkout}/courses",
        "{checkout}/hub_config",
        "{checkout}/tests",
        "/root/.ssh",
        "/etc/shadow",
        "/sys/fs/cgroup",
        "/dev/nvidia0",
        "/dev/loop0",
        "/dev/mem",
    ],
)
def test_from_inside_a_session_this_cannot_be_reached(academy_house, inside, what):
    path = what.format(home=academy_house.settings.home, checkout=CHECKOUT)
    said = inside.run(
        f"import os\ntry:\n    print('REACHED', os.listdir({path!r}) if os.path.isdir({path!r}) "
        f"else open({path!r}, 'rb').read(9))\nexcept OSError as error:\n    print(type(error).__name__)"
    )
    assert said in ("FileNotFoundError\n", "PermissionError\n"), said


def test_from_inside_a_session_there_are_only_its_own_processes(inside):
    said = inside.run(
        "import os\nfor p in sorted(filter(str.isdigit, os.listdir('/proc')), key=int):\n"
        "    print(open(f'/proc/{p}/cmdline').read().replace(chr(0), ' ')[:60], os.stat(f'/proc/{p}').st_uid)"
    )
    lines = said.strip().splitlines()
    assert 2 <= len(lines) <= 8
    assert "ben" not in said
    assert "jupyterhub -f" not in said


def test_from_inside_a_session_no_environment_but_its_own_can_be_read(inside):
    said = inside.run(
        "import os\nfor p in filter(str.isdigit, os.listdir('/proc')):\n"
        "    try:\n        e = open(f'/proc/{p}/environ').read()\n    except OSError:\n        continue\n"
        "    print('ACADEMY_HOME' in e, 'JUPYTERHUB_USER=ben' in e, 'CONFIGPROXY' in e)"
    )
    assert "True" not in said


def test_nobody_can_become_root_inside(inside):
    said = inside.run(
        "import os\nprint(os.getuid() >= 200000, os.getgroups())\n"
        "try:\n    os.setuid(0); print('ROOT')\nexcept OSError as error:\n    print(error.strerror)\n"
        "print([l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapEff', 'NoNewPrivs'))])"
    )
    assert said == "True []\nOperation not permitted\n['0000000000000000', '1']\n"


def test_kernels_listen_on_no_port(inside):
    said = inside.run(
        "import os, json, glob\nfiles = glob.glob(os.environ['JUPYTER_RUNTIME_DIR'] + '/kernel-*.json')\n"
        "print({json.load(open(f))['transport'] for f in files})"
    )
    assert said == "{'ipc'}\n"


def test_a_terminal_can_be_opened(ada):
    assert ada.api("POST", "terminals")["name"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "users"),
        ("GET", "users/ben"),
        ("POST", "users/ada/tokens"),
        ("GET", "users/ada/tokens"),
        ("POST", "users/mallory"),
        ("DELETE", "users/ada/server"),
        ("POST", "users/ben/server"),
        ("DELETE", "users/ben/server"),
        ("PATCH", "users/ada"),
        ("GET", "groups"),
        ("GET", "services"),
        ("GET", "proxy"),
        ("POST", "shutdown"),
    ],
)
def test_the_token_of_a_session_opens_nothing_else_at_the_hub(inside, method, path):
    said = inside.run(
        "import os, httpx\nanswer = httpx.request("
        f"{method!r}, os.environ['JUPYTERHUB_API_URL'] + '/{path}', json={{}},"
        "headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']})\nprint(answer.status_code)"
    )
    assert said.strip() in ("403", "404"), said


def test_the_token_of_a_session_names_its_owner_and_little_more(inside):
    said = inside.run(
        "import os, httpx\nme = httpx.get(os.environ['JUPYTERHUB_API_URL'] + '/user',"
        "headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']}).json()\n"
        "print(me['name'], me['kind'], sorted(me['scopes']))"
    )
    assert said.startswith("ada user ")
    for scope in ("self", "inherit", "tokens", "servers!", "admin", "users!"):
        assert f"'{scope}" not in said, said


def test_another_trainee_cannot_enter_a_session(ada, ben):
    answer = ben.guest.http.get(f"{ada.base}/api/contents", follow_redirects=True)
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ({"profile": "supercomputer"}, 422, "There is no profile 'supercomputer'; on offer are: cpu, gpu, brief."),
        ({"profile": "cpu", "image": "evil"}, 422, "expected only the option 'profile', got also 'image'"),
        ({"profile": {"id": "cpu"}}, 422, "expected the name of a profile, got dict"),
        ({"profile": "gpu"}, 503, "Whole GPU cannot start now"),
    ],
)
def test_what_cannot_start_is_refused_in_words_and_leaves_nothing(academy_house, options, status, words):
    cleo = academy_house.sign_in("cleo")
    answer = cleo.start(options)
    assert answer.status_code == status
    assert words in answer.json()["message"]
    assert open_leases(academy_house) == []
    assert records_of(academy_house, "cleo") == []
    assert machine(academy_house).of_person("cleo") == ()


def test_a_session_outlives_a_killed_hub_and_is_taken_up_again(academy_house, ada):
    (before,) = [s for s in records_of(academy_house, "ada") if s.ended_at is None]
    with ada.kernel() as kernel:
        kernel.run("kept = 123")
        academy_house.kill("hub")
        assert kernel.run("print(kept)") == "123\n"
        academy_house.start_hub()
        assert kernel.run("print(kept + 1)") == "124\n"
    eventually(ada.guest.is_ready, "the hub to know the session again")
    (after,) = [s for s in records_of(academy_house, "ada") if s.ended_at is None]
    assert after.id == before.id
    assert "JupyterLab" in ada.open()


def test_a_session_that_ends_by_itself_is_noted_and_its_home_is_kept(academy_house):
    cleo = academy_house.sign_in("cleo")
    browser = session_of(cleo)
    with browser.kernel() as kernel:
        kernel.run("open('kept.txt', 'w').write('still here')")
    browser.api("POST", "shutdown")
    eventually(lambda: not cleo.is_ready(), "the hub to notice")
    last = eventually(lambda: next((s for s in records_of(academy_house, "cleo") if s.ended_at), None), "the record")
    assert (last.state, last.reason) == (SessionState.STOPPED, "It was shut down from inside.")
    eventually(lambda: not machine(academy_house).of_person("cleo"), "the machine to forget it")
    again = session_of(cleo)
    assert again.api("GET", "contents/kept.txt")["content"] == "still here"
    cleo.stop()


def test_a_stopped_session_leaves_no_process_no_mount_and_no_lease(academy_house):
    dan = academy_house.sign_in("dan")
    session_of(dan)
    (session,) = machine(academy_house).of_person("dan")
    assert processes_of(session.uid)
    assert dan.stop().status_code in (202, 204)
    eventually(lambda: not processes_of(session.uid), "the processes to end")
    assert machine(academy_house).find(session.session_id) is None
    assert str(academy_house.settings.homes) not in Path("/proc/mounts").read_text()
    assert not loops_of(academy_house.settings.homes / "dan")
    (record,) = records_of(academy_house, "dan")
    assert (record.state, record.reason) == (SessionState.STOPPED, "It was stopped.")


def test_a_session_ends_when_its_time_is_up_even_if_the_hub_was_away_then(academy_house):
    dan = academy_house.sign_in("dan")
    session_of(dan, "brief")
    academy_house.kill("hub")
    (session,) = machine(academy_house).of_person("dan")
    eventually(lambda: datetime.now(UTC) > session.expires_at, "its time to be up")
    academy_house.start_hub()
    (record,) = eventually(lambda: brief_and_ended(academy_house), "the session to end")
    assert record.state is SessionState.STOPPED
    assert "time was up" in record.reason
    eventually(lambda: not machine(academy_house).of_person("dan"), "its processes to end")


def test_a_session_that_lost_its_processes_is_noted_as_lost_with_its_reason(academy_house):
    eva = academy_house.sign_in("eva")
    session_of(eva)
    (session,) = machine(academy_house).of_person("eva")
    for pid in processes_of(session.uid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    record = eventually(lambda: next((s for s in records_of(academy_house, "eva") if s.ended_at), None), "the record")
    assert record.state is SessionState.LOST
    assert "Saved work is kept" in record.reason


def brief_and_ended(house):
    return [s for s in records_of(house, "dan") if s.profile_id == "brief" and s.ended_at]


def processes_of(uid):
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == uid:
                found.append(int(folder.name))
        except FileNotFoundError:
            continue
    return found


def loops_of(folder):
    return [f for f in Path("/sys/block").glob("loop*/loop/backing_file") if f.read_text().startswith(str(folder))]
