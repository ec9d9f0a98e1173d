"""The review's lines in a page's own history."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter, log
from wagtail.models import PageLogEntry

from reviewflow.signatories import Signatory

REFUSE = "reviewflow.refuse"
CHECKED = "reviewflow.check"
LAW_CHANGED = "reviewflow.law_changed"

# action: (name in the filter, sentence). A sentence may use what the entry's data hold.
SENTENCES = {
    "reviewflow.signed": (_("Sign-off"), _("Signed by %(signatory)s over content %(digest)s")),
    "reviewflow.changes_requested": (
        _("Changes requested"),
        _("Changes requested by %(signatory)s over content %(digest)s"),
    ),
    "reviewflow.withdrawn": (_("Decision withdrawn"), _("Decision withdrawn by %(signatory)s")),
    "reviewflow.revoked": (_("Sign-off revoked"), _("Sign-off of %(signatory)s revoked")),
    "reviewflow.carry_over": (
        _("Sign-off carried over"),
        _(
            "The sign-off of %(signatory)s carries over: signed by %(person)s, %(signed_at)s, content %(digest)s"
        ),
    ),
    REFUSE: (_("Publication refused"), _("Publication refused")),
    "reviewflow.answer": (_("Remark answered"), _("Remark of %(signatory)s answered")),
    "reviewflow.recall": (_("Publication recalled"), _("Approved, and withdrawn before it was public")),
    "reviewflow.take_down": (_("Taken down"), _("Taken down for a reason")),
    CHECKED: (_("Guide checked"), _("Checked: nothing has changed")),
    LAW_CHANGED: (_("Check asked for"), _("To be checked, because a law it cites has changed: %(law)s")),
    "reviewflow.milestone_done": (_("Milestone done"), _("Marked as done by %(department)s")),
    "reviewflow.milestone_undone": (_("Milestone opened again"), _("Open again for %(department)s")),
    "reviewflow.report_filed": (_("Monthly report filed"), _("Report of %(month)s filed")),
    "reviewflow.report_reopened": (_("Monthly report reopened"), _("Report of %(month)s reopened")),
    "reviewflow.roll_back": (_("Rolled back"), _("Rolled back to an earlier signed version")),
}


def log_refusal(page, revision, reason, user=None) -> None:
    """A line in the history of `page`: `revision` was not published, and why."""
    log(instance=page, action=REFUSE, user=user, revision=revision, data={"comment": reason})


def log_refusal_once(page, revision, reason, user=None) -> bool:
    """The same for what is tried again and again; False where that revision's history says so already."""
    noted = PageLogEntry.objects.filter(page=page.pk, action=REFUSE, revision=revision)
    if any(entry.comment == reason for entry in noted):
        return False
    log_refusal(page, revision, reason, user)
    return True


def register(actions):
    """`register_log_actions`"""
    for action in SENTENCES:
        actions.register_action(action)(_formatter(action))


def _formatter(action):
    label, sentence = SENTENCES[action]

    class Formatter(LogFormatter):
        def format_message(self, log_entry):
            data = {
                "signatory": "",
                "digest": "",
                "person": "",
                "signed_at": "",
                "law": "",
                "department": "",
                "month": "",
                **log_entry.data,
            }
            if data["signatory"]:
                data["signatory"] = Signatory(data["signatory"]).label
            return sentence % data

        def format_comment(self, log_entry):
            comment, answer = log_entry.data.get("comment", ""), log_entry.data.get("answer", "")
            return (
                gettext("%(remark)s → %(answer)s") % {"remark": comment, "answer": answer}
                if answer
                else comment
            )

    Formatter.label = label
    return Formatter
