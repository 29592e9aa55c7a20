import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_academy.errors import BadSetting
from factory_academy.settings import read_settings


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / "academy.toml").write_text("port = 9000\ngraders = 3\n")
    settings = read_settings({"ACADEMY_HOME": str(tmp_path), "ACADEMY_PORT": "9100"})
    assert (settings.port, settings.graders) == (9100, 3)


def test_everything_listens_on_loopback_unless_told_otherwise(tmp_path):
    assert read_settings({"ACADEMY_HOME": str(tmp_path)}).host == "127.0.0.1"


def test_an_unknown_setting_is_named_with_those_that_are_known(tmp_path):
    (tmp_path / "academy.toml").write_text("prot = 9000\n")
    with pytest.raises(BadSetting, match="prot") as refused:
        read_settings({"ACADEMY_HOME": str(tmp_path)})
    assert "port" in refused.value.next_step


def test_a_file_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "academy.toml").write_text("port 9000")
    with pytest.raises(BadSetting, match="not valid TOML"):
        read_settings({"ACADEMY_HOME": str(tmp_path)})


@given(value=st.text(min_size=1).filter(lambda text: not text.isdecimal()))
def test_a_port_that_is_no_whole_number_is_refused_with_what_was_got(tmp_path_factory, value):
    with pytest.raises(BadSetting, match="whole number"):
        read_settings({"ACADEMY_HOME": str(tmp_path_factory.getbasetemp()), "ACADEMY_PORT": value})
