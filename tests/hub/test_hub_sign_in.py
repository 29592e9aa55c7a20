from __future__ import annotations

import httpx
from tests.support.house import Guest, shown


def stranger(house, name):
    return Guest(name, httpx.Client(base_url=house.settings.url, timeout=30))


def test_a_trainee_signs_in_by_name_and_password_and_comes_to_the_portal(academy_house):
    guest = stranger(academy_house, "ada")
    answer = academy_house.try_to_sign_in(guest, "right horse battery")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/services/portal/"


def test_names_are_taken_in_any_case_and_with_spaces_around(academy_house):
    assert academy_house.try_to_sign_in(stranger(academy_house, " Ben "), "right horse battery").status_code == 302


def test_a_wrong_password_is_refused_in_words(academy_house):
    answer = academy_house.try_to_sign_in(stranger(academy_house, "cleo"), "wrong")
    assert answer.status_code == 403
    assert "The name or the password is wrong. Check both and try again." in shown(answer.text)


def test_a_wrong_name_is_refused_in_the_same_words(academy_house):
    answer = academy_house.try_to_sign_in(stranger(academy_house, "nobody"), "wrong")
    assert "The name or the password is wrong." in shown(answer.text)


def test_a_form_without_a_password_is_refused_without_a_fault(academy_house):
    assert academy_house.try_to_sign_in(stranger(academy_house, "ada"), "").status_code == 403


def test_guessing_passwords_of_one_name_is_slowed_down(academy_house):
    guesser = stranger(academy_house, "eva")
    answers = [academy_house.try_to_sign_in(guesser, f"guess {n}") for n in range(9)]
    assert [answer.status_code for answer in answers] == [403] * 8 + [429]
    assert "Too many wrong passwords for this name. Try again in" in shown(answers[-1].text)


def test_the_operator_is_no_administrator_of_the_hub(academy_house):
    guest = academy_house.sign_in("otto")
    assert guest.http.get("/hub/api/users", headers=guest.headers).status_code == 403
    assert guest.http.get("/hub/admin").status_code in (403, 404)


def test_the_start_page_offers_what_can_start_and_says_why_the_rest_cannot(academy_house):
    page = academy_house.sign_in("ada").http.get("/hub/spawn")
    assert page.status_code == 200
    assert "CPU Plain. 1 GiB memory, 64 MiB disk, up to 1 h" in shown(page.text)
    assert "there is no GPU to offer" in shown(page.text)
    assert page.text.count(" disabled aria-describedby") == 1


def test_secrets_are_made_once_and_are_nobody_elses(academy_house):
    keys = academy_house.settings.keys
    assert sorted(path.name for path in keys.iterdir()) == ["cookie_secret", "portal.token", "proxy.token"]
    assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}
    assert academy_house.settings.home.stat().st_mode & 0o777 == 0o700
