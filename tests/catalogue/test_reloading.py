"""A change of models.toml shows at once, and an unchanged file is not read again."""

import os
import time
from decimal import Decimal
from pathlib import Path

from omixa_studio.catalogue import load_catalogue


def write(file: Path, price: str, *, age: float = 0) -> None:
    file.write_text(f'unknown_price_hold = "{price}"\n')
    then = time.time() - age
    os.utime(file, (then, then))


def test_it_shows_each_change_at_once(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    stamp = 1_700_000_000_000_000_000
    for cents in range(10, 30):
        write(file, f"0.{cents}")
        os.utime(file, ns=(stamp, stamp + cents))
        assert load_catalogue(file).unknown_price_hold == Decimal(f"0.{cents}")


def test_it_does_not_trust_the_time_of_a_file_changed_just_now(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    now = time.time_ns()
    for price in ("0.20", "0.30"):
        file.write_text(f'unknown_price_hold = "{price}"\n')
        os.utime(file, ns=(now, now))
        assert load_catalogue(file).unknown_price_hold == Decimal(price)


def test_it_reads_an_unchanged_file_once(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    write(file, "0.20", age=60)
    assert load_catalogue(file) is load_catalogue(file)


def test_it_shows_that_a_file_came_and_went(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    assert load_catalogue(file).unknown_price_hold == Decimal("0.10")
    write(file, "0.20", age=60)
    assert load_catalogue(file).unknown_price_hold == Decimal("0.20")
    file.unlink()
    assert load_catalogue(file).unknown_price_hold == Decimal("0.10")


def test_it_shows_a_mistake_and_its_repair(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    write(file, "a lot", age=60)
    assert len(load_catalogue(file).problems) == 1
    write(file, "0.40", age=50)
    assert load_catalogue(file).problems == ()
