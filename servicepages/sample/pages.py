"""The pages of the sample that are no service items, and what the home page says of it all."""

from servicepages.models import ContentPage, HomePage, User
from servicepages.sample import content


def load_pages(ledger, administrator):
    """Written and published by the coordination team, which may publish these."""
    home = HomePage.objects.first()
    author = User.objects.filter(username="coordination").first() or administrator
    said = content.pages()
    if "home" not in ledger and not home.lead and not home.notice:
        home.lead, home.notice = said["home"]["lead"], said["home"]["notice"]
        home.save_revision(user=author, log_action=True).publish(user=author)
        ledger.enter_page(home, "home", "wagtail.edit")
    for each in said["page"]:
        key = f"page:{each['slug']}"
        if key in ledger or home.get_children().filter(slug=each["slug"]).exists():
            continue
        page = ContentPage(
            title=each["title"],
            slug=each["slug"],
            lead=each["lead"],
            body=each["body"],
            owner=author,
            live=False,
        )
        home.add_child(instance=page)
        page.save_revision(user=author).publish(user=author)
        ledger.enter_page(page, key)
