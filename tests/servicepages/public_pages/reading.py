"""Reading a page as anybody on the internet does."""

from bs4 import BeautifulSoup


def html_of(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status, url
    return response.content.decode()


def soup_of(client, url, status=200):
    return BeautifulSoup(html_of(client, url, status), "html.parser")
