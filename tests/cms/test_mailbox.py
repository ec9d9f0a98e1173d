"""The pages that show what development has mailed. The URLs exist only with DEBUG on, so the views are
called directly, under a URLconf that has them."""

import email.message
import re

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.http import Http404
from django.test import RequestFactory
from django.urls import include, path, resolve

from cms import mailbox
from cms.urls import urlpatterns as project_urlpatterns

urlpatterns = [path("dev/mail/", include("cms.mailbox")), *project_urlpatterns]


@pytest.fixture
def folder(settings, tmp_path):
    settings.DEBUG = True
    settings.ROOT_URLCONF = __name__
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings.EMAIL_FILE_PATH


@pytest.fixture
def send(folder):
    """Mails as development does: each call is one connection, so one file."""

    def send(*messages):
        connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
        connection.send_messages(
            [
                EmailMultiAlternatives(
                    subject=subject,
                    body="请于三日内补正。",
                    from_email="noreply@example.org",
                    to=["office@example.org"],
                    headers={"Date": date},
                    alternatives=[("<p>请于<b>三日内</b>补正。</p>", "text/html")],
                )
                for subject, date in messages
            ]
        )

    return send


def show(address):
    found = resolve(address)
    return found.func(RequestFactory().get(address), *found.args, **found.kwargs)


def text_of(address):
    return show(address).content.decode()


MONDAY = "Mon, 05 Jan 2026 09:00:00 +0800"
TUESDAY = "Tue, 06 Jan 2026 09:00:00 +0800"
WEDNESDAY = "Wed, 07 Jan 2026 09:00:00 +0800"


def test_the_list_has_every_mail_newest_first(send):
    send(("退回补正", MONDAY), ("审核通过", WEDNESDAY))
    send(("请审核", TUESDAY))
    assert re.findall("退回补正|审核通过|请审核", text_of("/dev/mail/")) == ["审核通过", "请审核", "退回补正"]


def test_an_empty_or_missing_folder_is_a_list_without_mail(folder):
    assert not folder.exists()
    assert "<table" not in text_of("/dev/mail/")
    folder.mkdir()
    assert "<table" not in text_of("/dev/mail/")


def test_a_mail_is_shown_as_text_and_as_a_page_that_can_run_nothing(send, folder):
    send(("退回补正", MONDAY), ("审核通过", TUESDAY))
    (file,) = folder.iterdir()
    response = show(f"/dev/mail/{file.name}/1/")
    page = response.content.decode()
    assert "审核通过" in page
    assert "退回补正" not in page
    assert "<pre>请于三日内补正。" in page
    assert (
        'sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="&lt;p&gt;请于&lt;b&gt;三日内&lt;/b&gt;补正。&lt;/p&gt;'
        in page
    )
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_mail_without_a_date_takes_the_time_its_file_was_written(folder):
    folder.mkdir()
    message = email.message.EmailMessage()
    message["Subject"] = "无日期"
    message.set_content("正文")
    (folder / "one.log").write_bytes(message.as_bytes() + b"\n" + mailbox.SEPARATOR)
    assert "无日期" in text_of("/dev/mail/")


@pytest.mark.parametrize("name", ["..", "../secret_key", "..%2Fsecret_key", "absent.log", "/etc/passwd"])
def test_only_names_that_the_folder_holds_are_opened(send, folder, name):
    send(("请审核", MONDAY))
    (folder.parent / "secret_key").write_text("secret")
    with pytest.raises(Http404):
        mailbox.message(RequestFactory().get("/"), name=name, number=0)


def test_a_number_past_the_last_mail_of_a_file_is_not_found(send, folder):
    send(("请审核", MONDAY))
    (file,) = folder.iterdir()
    with pytest.raises(Http404):
        show(f"/dev/mail/{file.name}/1/")


def test_nothing_is_shown_unless_debug_is_on(send, folder, settings):
    send(("请审核", MONDAY))
    (file,) = folder.iterdir()
    settings.DEBUG = False
    for address in ("/dev/mail/", f"/dev/mail/{file.name}/0/"):
        with pytest.raises(Http404):
            show(address)


def test_a_site_that_mails_to_a_server_has_no_mailbox(folder, settings):
    del settings.EMAIL_FILE_PATH
    with pytest.raises(Http404):
        show("/dev/mail/")


def test_the_address_does_not_exist_on_a_citys_server(client, db):
    assert client.get("/dev/mail/").status_code == 404
