"""Mails of a server on loopback: each once, the state kept, whatever is moved or deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from copydesk.schemas.items import Fate, Item, Missing, RawDocument
from copydesk.schemas.sources import SettingsError, parse_sources
from copydesk.tasks.sources import SourceError
from copydesk.tasks.sources.open_named import open_named
from tests.servers.certificates import server_context
from tests.servers.imap import MailServer
from tests.sources.mail.made import newsletter
from tests.sources.mail.made_digests import blog_posts, digest


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as mail:
        for number in range(4):
            mail.add(newsletter(number).data)
        yield mail


def sources(server, folder="", password="s3cret", storage=None, **settings):
    options = {"user": "reader", "password": "${IMAP_PASSWORD}"} | (storage or {"tls": "none"})
    extra = "".join(f"{name} = {value}\n" for name, value in settings.items())
    lines = "".join(f'{name} = "{value}"\n' for name, value in options.items())
    text = (
        f'[sources.letters]\nkind = "imap"\naddress = "imap://127.0.0.1:{server.port}/{folder}"\n'
        f"{extra}[sources.letters.storage_options]\n{lines}"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMAP_PASSWORD", password)
        return open_named("letters", parse_sources(text).sources["letters"])


class Run:
    """One run over the source: what was offered and read, and what the next run is told."""

    def __init__(self, server: MailServer, known=None, **settings):
        (source,) = sources(server, **settings)
        assert "s3cret" not in repr(source)
        offered = list(source.discover(known or {}))
        self.items = [row for row in offered if isinstance(row, Item)]
        self.rows = [row for row in offered if isinstance(row, Missing)]
        self.results = list(source.acquire(self.items, known or {}))
        self.read = [row for row in self.results if isinstance(row, RawDocument)]
        self.known = (known or {}) | {
            row.item.locator: dict(row.how) for row in [*self.rows, *self.results]
        }


def test_each_mail_once(server):
    run = Run(server)
    assert [item.locator for item in run.items] == [f"{n}.letter@mail.example" for n in range(4)]
    assert len(run.read) == 4
    assert run.items[1].hints.title == newsletter(1).title
    again = Run(server, run.known)
    assert (again.items, [row.fate for row in again.rows]) == ([], [Fate.NOT_MODIFIED])
    server.add(newsletter(9).data)
    more = Run(server, again.known)
    assert [item.locator for item in more.items] == ["9.letter@mail.example"]
    assert all("EXAMINE" in name or "SELECT" not in name for name in server.commands)
    assert all("PEEK" in name for name in server.commands if "FETCH" in name)


def test_a_mail_that_is_moved_is_the_same_item(server):
    run = Run(server)
    server.add(server.folders["INBOX"].pop(2), "Archive")
    moved = Run(server, run.known, folder="Archive")
    assert [item.locator for item in moved.items] == ["1.letter@mail.example"]
    assert moved.items[0].fingerprint == run.items[1].fingerprint


def test_a_mail_that_is_deleted_before_it_is_fetched_is_gone(server):
    (source,) = sources(server)
    items = [row for row in source.discover() if isinstance(row, Item)]
    del server.folders["INBOX"][2]
    results = list(source.acquire(items))
    assert [getattr(row, "fate", None) for row in results] == [None, Fate.GONE, None, None]


def test_a_limit_offers_the_others_in_the_next_run(server):
    run = Run(server, limit=3)
    assert len(run.items) == 3
    more = Run(server, run.known, limit=3)
    assert [item.locator for item in more.items] == ["3.letter@mail.example"]


def test_new_numbers_of_a_folder_are_read_again_under_the_same_names(server):
    run = Run(server)
    server.validity["INBOX"] = 8
    again = Run(server, run.known)
    assert [item.locator for item in again.items] == [item.locator for item in run.items]
    assert [item.fingerprint for item in again.items] == [item.fingerprint for item in run.items]


def test_a_connection_that_breaks_costs_what_was_not_fetched(server):
    (source,) = sources(server)
    items = [row for row in source.discover() if isinstance(row, Item)]
    server.hang_up_after = 2
    results = list(source.acquire(items))
    assert [type(row) for row in results] == [RawDocument, RawDocument, Missing, Missing]
    assert {row.fate for row in results[2:]} == {Fate.FAILED}


def test_a_connection_that_breaks_while_mails_are_listed_offers_those_before(server):
    server.hang_up_after = 2
    run = Run(server)
    assert [len(run.items), [row.fate for row in run.rows]] == [2, [Fate.FAILED]]
    server.hang_up_after = -1
    assert len(Run(server, run.known).items) == 4


def test_a_wrong_password_and_a_missing_folder_fail_with_words(server):
    (row,) = Run(server, password="wrong").rows
    assert (row.fate, "wrong password" in row.detail) == (Fate.FAILED, True)
    (row,) = Run(server, folder="Nowhere").rows
    assert "no folder Nowhere" in row.detail


def test_credentials_are_by_reference_and_the_connection_is_encrypted(server):
    start = '[sources.a]\nkind = "imap"\naddress = "imap://mail.example/"\n[sources.a.storage_options]\n'
    with pytest.raises(SettingsError, match="is a secret"):
        parse_sources(start + 'user = "me"\npassword = "plain"')
    settings = parse_sources(start + 'user = "me"\ntls = "none"\npassword = "${HOME}"').sources["a"]
    with pytest.raises(SourceError, match="this machine"):
        open_named("a", settings)
    with pytest.raises(SourceError, match="user and password"):
        open_named("a", parse_sources(start + 'user = "me"').sources["a"])


def test_the_stories_of_a_mail(server):
    mail = digest(blog_posts, "en")
    server.add(mail.data)
    run = Run(server)
    stories = run.items[4:]
    assert [item.hints.title for item in stories] == [story.title for story in mail.stories]
    assert all(item.locator.startswith("0.digest@mail.example/") for item in stories)
    assert len(run.read) == 7
    assert sum("BODY.PEEK[]" in name for name in server.commands) == 10  # twice a mail
    limited = Run(server, limit=5)
    assert len(limited.items) == 7
    del server.folders["INBOX"][5]
    (source,) = sources(server)
    assert [row.fate for row in source.acquire(stories)] == [Fate.GONE] * 3


@pytest.mark.parametrize("starttls", [False, True])
def test_an_encrypted_connection(tmp_path, starttls):
    context = server_context(tmp_path)
    options = {"tls": "starttls" if starttls else "required"}
    trusted = options | {"ca_file": str(tmp_path / "cert.pem")}
    with MailServer(tls=context, starttls=starttls) as server:
        server.add(newsletter(0).data)
        assert len(Run(server, storage=trusted).read) == 1
        assert starttls == ("STARTTLS" in server.commands)
        before = len(server.commands)
        (row,) = Run(server, storage=options).rows
        assert row.fate is Fate.FAILED
        assert "the certificate of 127.0.0.1 is refused: self-signed certificate" in row.detail
        assert "ca_file" in row.detail
        assert not any("LOGIN" in name for name in server.commands[before:])


@pytest.mark.parametrize("starttls", [False, True])
def test_a_certificate_of_another_host_is_refused(tmp_path, starttls):
    context = server_context(tmp_path, "mail.elsewhere.example")
    options = {"tls": "starttls" if starttls else "required"}
    with MailServer(tls=context, starttls=starttls) as server:
        (row,) = Run(server, storage=options | {"ca_file": str(tmp_path / "cert.pem")}).rows
        assert "IP address mismatch" in row.detail
        assert not any("LOGIN" in name for name in server.commands)


def test_a_server_without_starttls_and_a_missing_authority_fail_with_words(server, tmp_path):
    (row,) = Run(server, storage={"tls": "starttls"}).rows
    assert "TLS not supported by server" in row.detail
    assert not any("LOGIN" in name for name in server.commands)
    missing = {"tls": "required", "ca_file": str(tmp_path / "none.pem")}
    (row,) = Run(server, storage=missing).rows
    assert "none.pem cannot be used: No such file" in row.detail
    with pytest.raises(SourceError, match="required, starttls, none"):
        sources(server, storage={"tls": "perhaps"})
