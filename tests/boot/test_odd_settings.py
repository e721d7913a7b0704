"""An odd value of any setting stops the start with one sentence that names the variable."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from omixa_studio import env, single_sign_on
from tests.boot.conftest import Start
from tests.servers import PROJECT

UNREADABLE = "is not a valid address; special characters in a password are written as %40"
PUBLIC = "STUDIO_URL must look like https://studio.example.org"
HOST = "STUDIO_HOST must be an address or a name, like 127.0.0.1 or ::1"
ODD = [
    ("STORAGE_URL", "azure://container", "STORAGE_URL must start with s3://."),
    ("STORAGE_URL", "/var/pictures", "STORAGE_URL must start with s3://."),
    ("STORAGE_URL", "s3://", "STORAGE_URL must name a bucket"),
    ("QUEUE_URL", "amqp://broker", "QUEUE_URL must start with sqlite://, redis://, rediss://"),
    ("QUEUE_URL", "redis://queue:port", f"QUEUE_URL {UNREADABLE}"),
    ("QUEUE_URL", "redis://queue/abc", "QUEUE_URL must end with the number of a database"),
    ("QUEUE_URL", "redis://queue/0/1", "QUEUE_URL must end with the number of a database"),
    ("QUEUE_URL", "sqlite://", "QUEUE_URL must name a file"),
    ("QUEUE_URL_FILE", "/no/such/file", "QUEUE_URL_FILE cannot be read"),
    ("DATABASE_URL_FILE", "/no/such/file", "DATABASE_URL_FILE cannot be read"),
    ("STORAGE_URL_FILE", "/no/such/file", "STORAGE_URL_FILE cannot be read"),
    ("DATABASE_URL", "mysqql://db/studio", "DATABASE_URL must start with sqlite://, postgres://"),
    ("DATABASE_URL", "mysql://db/studio", "DATABASE_URL must start with sqlite://, postgres://"),
    ("DATABASE_URL", "postgres:db", "DATABASE_URL must start with sqlite://, postgres://"),
    ("DATABASE_URL", "postgres://me:p#w@db/studio", f"DATABASE_URL {UNREADABLE}"),
    ("DATABASE_URL", "postgres://me:p[w@db/studio", f"DATABASE_URL {UNREADABLE}"),
    ("DATABASE_URL", "sqlite://:memory:", f"DATABASE_URL {UNREADABLE}"),
    ("DATABASE_URL", "sqlite:///", "DATABASE_URL must name a file"),
    ("DATABASE_URL", "sqlite:////no/such/rows", "DATABASE_URL names a file in a folder that"),
    ("EMAIL_URL", "mail.example.org", "EMAIL_URL must start with smtp://, smtps://."),
    ("EMAIL_URL", "smtp://me:p#w@mail", f"EMAIL_URL {UNREADABLE}"),
    ("EMAIL_URL", "smtps://", "EMAIL_URL must name a host"),
    ("EMAIL_URL_FILE", "/no/such/file", "EMAIL_URL_FILE cannot be read"),
    ("STUDIO_OIDC_URL", "http://id.example.org", "STUDIO_OIDC_URL must be the issuer"),
    ("STUDIO_OIDC_URL", "https://id.example.org", "STUDIO_OIDC_URL needs STUDIO_OIDC_CLIENT_ID."),
    ("STUDIO_OIDC_DOMAINS", "example.org", "STUDIO_OIDC_DOMAINS needs STUDIO_OIDC_URL."),
    ("STUDIO_SESSION_DAYS", "0", "STUDIO_SESSION_DAYS must be between 1"),
    ("STUDIO_LINK_DAYS", "-1", "STUDIO_LINK_DAYS must be between 0"),
    ("STUDIO_HOST", "[::1]", HOST),
    ("STUDIO_HOST", "http://localhost", HOST),
    ("STUDIO_HOST", "no such", HOST),
    (
        "STUDIO_HOST",
        "studio.invalid",
        "on studio.invalid cannot be used: the host name is not known.",
    ),
    ("STUDIO_PORT", "abc", "STUDIO_PORT must be a whole number, not 'abc'."),
    ("STUDIO_PORT", "70000", "STUDIO_PORT must be between 1 and 65535, not 70000."),
    ("STUDIO_PROXIES", "-1", "STUDIO_PROXIES must be between 0 and 9, not -1."),
    ("STUDIO_WORKER_THREADS", "many", "STUDIO_WORKER_THREADS must be a whole number, not 'many'."),
    ("STUDIO_CALL_SECONDS", "1.5", "STUDIO_CALL_SECONDS must be a whole number, not '1.5'."),
    ("STUDIO_ANSWER_MB", "0", "STUDIO_ANSWER_MB must be between 1"),
    ("STUDIO_UPLOAD_MB", "0", "STUDIO_UPLOAD_MB must be between 1"),
    ("STUDIO_BODY_MB", "8MB", "STUDIO_BODY_MB must be a whole number, not '8MB'."),
    ("STUDIO_STOP_SECONDS", "-1", "STUDIO_STOP_SECONDS must be between 0"),
    ("STUDIO_URL", "http://[::1", PUBLIC),
    ("STUDIO_URL", "http://studio:port", PUBLIC),
    ("STUDIO_URL", "http://studio?page", PUBLIC),
    ("STUDIO_URL", "http://me:word@studio", PUBLIC),
    ("STUDIO_URL", "http://a b", PUBLIC),
    ("STUDIO_URL", "http://сту–дия.рф", PUBLIC),
    ("STUDIO_URL", "http://my_studio", PUBLIC),
    ("STUDIO_URL", "http://[fe80::1%25eth0]", PUBLIC),
    ("STUDIO_URL", "http://studio:0", PUBLIC),
    ("STUDIO_URL", "studio.example.org", PUBLIC),
    ("STUDIO_DATA_DIR", "/tmp/\udcff", "STUDIO_DATA_DIR is not valid UTF-8."),
    ("STUDIO_DATA_DIR", "~nobody-of-this-name/data", "STUDIO_DATA_DIR starts with the home"),
    ("STUDIO_TIME_ZONE", "Europe", "STUDIO_TIME_ZONE must be a name like Europe/Riga"),
    ("STUDIO_TIME_ZONE", "../etc", "STUDIO_TIME_ZONE must be a name like Europe/Riga"),
    ("STUDIO_LANGUAGE", "xx", "STUDIO_LANGUAGE must be en or ru or zh-hans, not 'xx'."),
    ("STUDIO_LOG_LEVEL", "loud", "STUDIO_LOG_LEVEL must be DEBUG"),
    ("STUDIO_SECRET_KEY_FILE", "/no/such/file", "STUDIO_SECRET_KEY_FILE cannot be read"),
    ("STUDIO_ADMIN_PASSWORD_FILE", "/no/such/file", "STUDIO_ADMIN_PASSWORD_FILE cannot be read"),
    ("STUDIO_SANDBOX_KEY", "a b", "STUDIO_SANDBOX_KEY contains a space or a line break."),
    ("STUDIO_SANDBOX_URL", "ftp://here", "STUDIO_SANDBOX_URL cannot be used."),
    ("OMIXA_API_KEY", "omx live", "OMIXA_API_KEY contains a space or a line break."),
    ("OMIXA_API_KEY", "ключ", "OMIXA_API_KEY contains a character that a key cannot have."),
    ("OMIXA_API_KEY", '"omx_live_1"', "OMIXA_API_KEY is in quotes: remove them."),
    ("OMIXA_API_KEY", "'omx_live_1'", "OMIXA_API_KEY is in quotes: remove them."),
    ("OMIXA_API_KEY_FILE", "/no/such/file", "OMIXA_API_KEY_FILE cannot be read"),
    ("STUDIO_DATA_DIR", '"/no/such/data"', "STUDIO_DATA_DIR is in quotes: remove them."),
]


@pytest.mark.parametrize(("name", "value", "sentence"), ODD)
def test_it_refuses_an_odd_value_in_one_sentence(
    start: Start, name: str, value: str, sentence: str
) -> None:
    studio = start(**{name: value})
    assert studio.end() == 1
    assert sentence in studio.output
    assert name in studio.output
    assert studio.output.count("\n") == 1


def test_it_refuses_a_gateway_without_https(start: Start) -> None:
    studio = start(OMIXA_API_KEY="omx_live_1", OMIXA_BASE_URL="http://gateway.example.org")
    assert studio.end() == 1
    assert studio.output.startswith("OMIXA_BASE_URL cannot be used.")
    assert studio.output.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "postgres://me@127.0.0.1:9/studio", "The database cannot be reached"),
        ("DATABASE_URL", "postgres://me@127.0.0.1:9/studio?foo=1", 'connection option "foo"'),
        ("QUEUE_URL", "redis://queue/0?foo=1", "unexpected keyword argument 'foo'"),
        ("QUEUE_URL", "redis://queue/0?db=abc", "Invalid value for 'db'"),
        ("STORAGE_URL", "s3://bucket?endpoint=x", "Invalid setting 'endpoint' for S3Storage"),
    ],
)
def test_it_says_what_only_a_driver_can_know(
    start: Start, name: str, value: str, sentence: str
) -> None:
    studio = start(**{name: value})
    assert studio.end() == 1
    assert sentence in studio.output
    assert f"HINT: {name}" in studio.output
    assert "Traceback" not in studio.output


def test_no_sentence_repeats_a_password(start: Start) -> None:
    for name in ("DATABASE_URL", "QUEUE_URL", "STORAGE_URL"):
        for kind in ("mysql", "postgres", "s3"):
            studio = start(**{name: f"{kind}://me:topsecret[@db/studio"})
            studio.end()
            assert "topsecret" not in studio.output


@pytest.mark.parametrize("name", ["da#ta", "da?ta", "da%20ta", "да та"])
def test_the_rows_are_in_the_data_folder_whatever_its_name(name: str, tmp_path: Path) -> None:
    """A default put together as an address once lost all after a hash sign."""
    assert database_of(STUDIO_DATA_DIR=str(tmp_path / name)) == str(
        tmp_path / name / "studio.sqlite3"
    )


def test_an_address_of_a_file_may_be_quoted(tmp_path: Path) -> None:
    url = f"sqlite:///{quote(str(tmp_path / 'a#b'))}"
    assert database_of(STUDIO_DATA_DIR=str(tmp_path), DATABASE_URL=url) == str(tmp_path / "a#b")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("HTTPS://Studio.Example.org/", "https://studio.example.org"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://[2001:DB8:0:0::1]/", "https://[2001:db8::1]"),
        ("https://Studio.Example.org.:443", "https://studio.example.org"),
        ("http://studio.example.org:80", "http://studio.example.org"),
        ("https://studio.example.org:80", "https://studio.example.org:80"),
        ("https://Студия.РФ", "https://xn--d1aizef8e.xn--p1ai"),
        ("https://bücher.example:8443", "https://xn--bcher-kva.example:8443"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("http://10.0.0.1", "http://10.0.0.1"),
    ],
)
def test_the_public_address_is_read_as_browsers_read_it(
    given: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_URL", given)
    assert env.public_url() == used


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", ("", 25, False, False)),
        ("smtp://localhost", ("localhost", 25, False, False)),
        ("smtp://mail.example.org", ("mail.example.org", 587, False, True)),
        ("smtps://me:p%40w@mail.example.org:2465", ("mail.example.org", 2465, True, False)),
    ],
)
def test_mail_is_encrypted_except_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, given: str, used: tuple[object, ...]
) -> None:
    monkeypatch.setenv("EMAIL_URL", given)
    mail = env.mail()
    assert (mail.host, mail.port, mail.is_tls, mail.starts_tls) == used
    assert mail.password == ("p@w" if "@" in given else "")


SIGN_ON = {"STUDIO_OIDC_URL": "https://id.example.org/", "STUDIO_OIDC_CLIENT_ID": "studio"}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("STUDIO_OIDC_URL", "https://me@id.example.org", "must be the issuer"),
        ("STUDIO_OIDC_SCOPES", "profile email", "must contain openid"),
        ("STUDIO_OIDC_ROLES", "leads", "must look like 'studio-admins=admin; staff=member'"),
        ("STUDIO_OIDC_ROLES", "leads=boss", "may give member, manager or admin, not 'boss'"),
        ("STUDIO_OIDC_ROLES", "a=admin; a=member", "says twice what 'a' means"),
        ("STUDIO_OIDC_PROJECTS", "=Spring", "must look like"),
        ("STUDIO_OIDC_DOMAINS", "@example.org", "must be mail domains"),
        ("STUDIO_OIDC_DOMAINS", "*", "must be mail domains"),
        ("STUDIO_OIDC_ONLY", "1", "must be yes or no, not '1'"),
        ("STUDIO_OIDC_CLIENT_SECRET_FILE", "/no/such/file", "cannot be read"),
    ],
)
def test_single_sign_on_is_set_right_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    for given in (SIGN_ON | {name: value}).items():
        monkeypatch.setenv(*given)
    with pytest.raises(env.ConfigurationError, match=re.escape(sentence)) as refusal:
        single_sign_on.read()
    assert name in str(refusal.value)


def test_values_of_claims_may_look_like_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"STUDIO_OIDC_ROLES": "cn=leads,dc=example=manager; *=member;", **SIGN_ON}
    for given in told.items():
        monkeypatch.setenv(*given)
    sso = single_sign_on.read()
    assert sso.roles == {"cn=leads,dc=example": "manager", "*": "member"}
    assert (sso.url, sso.scopes, sso.only) == (
        "https://id.example.org",
        ("openid", "profile", "email"),
        False,
    )


def database_of(**told: str) -> str:
    """Return the file that the settings, read by a process of their own, name."""
    code = "from omixa_studio.settings import DATABASES; print(DATABASES['default']['NAME'])"
    answer = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=PROJECT,
        env=env.for_child(**told),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_a_secret_in_a_file_may_begin_with_a_mark_and_end_with_a_line_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    monkeypatch.setenv("OMIXA_API_KEY_FILE", str(file))
    file.write_bytes(b"\xef\xbb\xbfomx_live_1\r\n")
    assert env.api_key() == "omx_live_1"
    file.write_bytes(b" \n")
    with pytest.raises(env.ConfigurationError, match="OMIXA_API_KEY_FILE points to an empty file"):
        env.api_key()


def test_the_health_check_tells_an_odd_value_in_one_sentence() -> None:
    command = [sys.executable, "-m", "omixa_studio.healthcheck"]
    told = env.for_child(STUDIO_PORT="abc")
    asked = subprocess.run(command, cwd=PROJECT, env=told, capture_output=True, text=True)
    assert asked.returncode == 1
    assert asked.stderr == "STUDIO_PORT must be a whole number, not 'abc'.\n"
