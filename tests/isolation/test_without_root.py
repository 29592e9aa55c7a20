"""The same sandboxes for a user without rights, through user namespaces."""

from __future__ import annotations

import json
import subprocess

SYSTEM_PYTHON = "/usr/bin/python3"
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
PROGRAM = """
import json, os, sys, tempfile, time
from pathlib import Path
sys.path.insert(0, {support!r})
from factory_academy.isolation.launch import Launched, LaunchRequest
from factory_academy.isolation.spec import *
from factory_academy.isolation.zygote import Zygote

package_root = sys.argv[1]
probe = Mount(package_root + "/isolation_inside.py", package_root + "/isolation_inside.py")
folder = tempfile.mkdtemp()
spec = SandboxSpec(uid=61234, gid=61234, mounts=(*python_mounts(), probe), tmpfs=(Tmpfs("/tmp", 1 << 20),), cwd="/tmp",
                   environment={{"COLOUR": "blue"}})
limits = Limits(memory_bytes=256 << 20, processes=16, file_bytes=1 << 20)
answers = {{}}

def ask(zygote, function, argument=b"", limits=limits):
    out, inside = os.pipe()
    with zygote.fork("isolation_inside:" + function, spec, limits, [inside], argument) as child:
        os.close(inside)
        words = b"".join(iter(lambda: os.read(out, 65536), b""))
        return [json.loads(words or b"null"), child.wait(30).how, child.pid]

zygote = Zygote(sys.executable, [], Path(folder))
answers["view"] = ask(zygote, "look_around")
answers["refused"] = ask(zygote, "evaluate", json.dumps([
    "os.setuid(0)", "syscall(272, 0x10000000)", "os.listdir({home!r})", "open('/new', 'w')",
    "socket.create_connection(('192.0.2.1', 80), 2)"]).encode())
answers["left"] = ask(zygote, "leave_processes_behind")
answers["forks"] = ask(zygote, "bomb_with_forks")
answers["memory"] = ask(zygote, "eat_memory")
zygote.close()
program = "import os, time; print(os.getuid(), flush=True); time.sleep(60)"
request = LaunchRequest(spec, limits, (sys.executable, "-c", program),
                        folder + "/log", folder + "/pid", folder + "/ending")
launched = Launched.start(request)
answers["started"] = launched.is_alive()
while not open(folder + "/log").read():
    time.sleep(0.01)
launched.stop(0)
answers["launched"] = [open(folder + "/log").read(), launched.ending() is not None]
print(json.dumps(answers))
"""


def test_a_user_without_rights_gets_sandboxes_too(copied_package, tmp_path):
    program = PROGRAM.format(support=str(copied_package), home=str(tmp_path))
    done = subprocess.run(
        [*AS_NOBODY, SYSTEM_PYTHON, "-c", program, str(copied_package)],
        env={}, capture_output=True, text=True, check=False, cwd="/", timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    view, how, pid = answers["view"]
    assert (how, view["processes"], view["ids"][:3]) == ("exited", [1, 2], [61234, 61234, 61234])
    assert view["environment"] == {"COLOUR": "blue"}
    assert set(view["status"][name] for name in ("CapPrm", "CapEff", "CapBnd")) == {"0" * 16}
    assert pid > 2 or pid == -1, "-1: it had ended before anyone asked for its number"
    assert set(answers["refused"][0].values()) <= {"errno 1", "errno 2", "errno 22", "errno 30", "errno 101"}
    assert answers["left"][1] == "exited"
    assert answers["forks"][0][1] == 11, "EAGAIN"
    assert answers["memory"][1] in ("exited", "out_of_memory")
    assert answers["started"], "starting returns while the program runs"
    assert answers["launched"] == ["61234\n", True]
