"""An odd option of a command is one sentence that names it, before anything is done."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize("number", ["0", "-3", "65"])
def test_a_worker_has_between_one_and_many_threads(number: str) -> None:
    with pytest.raises(CommandError, match=r"^--threads must be between 1 and 64\.$"):
        call_command("worker", "--threads", number)


@pytest.mark.parametrize("name", ["lease", "renew", "sweep", "stop", "seen", "gone"])
@pytest.mark.parametrize("seconds", ["-1", "nan", "inf", "1e300"])
def test_a_worker_waits_a_number_of_seconds(name: str, seconds: str) -> None:
    sentence = rf"^--{name}-seconds must be between 0 and 1000000\.$"
    with pytest.raises(CommandError, match=sentence):
        call_command("worker", f"--{name}-seconds={seconds}")


@pytest.mark.parametrize("name", ["pictures", "charges", "people", "open"])
def test_a_demonstration_has_no_less_than_nothing(name: str) -> None:
    with pytest.raises(CommandError, match=rf"^--{name} must not be negative\.$"):
        call_command("demo", f"--{name}=-1")


@pytest.mark.parametrize("months", [0, 241])
def test_a_demonstration_has_some_months(months: int) -> None:
    with pytest.raises(CommandError, match=r"^--months must be from 1 to 240\.$"):
        call_command("demo", f"--months={months}")
