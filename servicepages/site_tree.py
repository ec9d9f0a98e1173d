"""The pages every site has: home, the list of topics, the list of halls."""

from urllib.parse import urlsplit

from django.conf import settings
from django.dispatch import Signal
from wagtail.models import Collection, Locale, Page, Site

from servicepages.topics import ensure_topics

# Sent when everything is there that a site has before anyone has typed a word; `coordination` is the group of the
# city's coordination team. A room that has things of its own for it listens.
site_set_up = Signal()

LOCAL = ("localhost", "127.0.0.1")


def ensure_site_tree():
    """Makes what is missing of: root, locale, root collection, home page, index pages, default site,
    topics. Safe to call at any time; returns the home page."""
    from servicepages.models import HallIndexPage, HomePage, TopicIndexPage

    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    if not Collection.objects.filter(depth=1).exists():
        Collection.add_root(name="Root")
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))

    home = HomePage.objects.first()
    if home is None:
        root.refresh_from_db()
        home = root.add_child(instance=HomePage(title=settings.SITE_NAME, slug="guides", live=False))
        home.save_revision().publish()
    _ensure_default_site(home)
    _remove_welcome_page()

    for model, title, slug in (
        (TopicIndexPage, "办事主题", "topics"),
        (HallIndexPage, "办事大厅", "halls"),
    ):
        if not model.objects.exists():
            home.refresh_from_db()
            home.add_child(instance=model(title=title, slug=slug, live=False)).save_revision().publish()
    ensure_topics()
    return home


def _ensure_default_site(home):
    """The default site shows `home` and has the address of SITE_URL, as long as nobody has given it
    another: the one that Wagtail's first migration leaves says localhost, and sitemaps would too."""
    address = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        site = Site(is_default_site=True, hostname="localhost", port=80, root_page=home)
    untouched = site.pk is None or (site.hostname in LOCAL and (site.port == 80 or settings.DEBUG))
    if untouched and address.hostname:
        site.hostname, site.port = address.hostname, port
    if site.root_page_id != home.pk or untouched:
        site.root_page, site.site_name = home, site.site_name or home.title
        site.save()


def _remove_welcome_page():
    """Wagtail's first migration leaves a page that welcomes to Wagtail."""
    from django.contrib.contenttypes.models import ContentType

    plain = ContentType.objects.get_for_model(Page)
    for page in Page.objects.filter(depth=2, content_type=plain, slug="home"):
        page.delete()
