"""What a reviewer types on the sheet: a remark on a field or on a line, one in general, and how to send it."""

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from reviewflow.canonical import SignedContent, digest
from reviewflow.deciding import NewRemark

PREFIX = "on"
SALT = "reviewflow.desk.seen"


class DecisionForm(forms.Form):
    """`block_ids` says which lines there are: {field: [id, …]}, for the fields of the signatory.

    The remarks on fields are read from the data under `on-<field>` and `on-<field>-<line>`; what was typed
    about a line that is gone meanwhile becomes a remark on its field, so that no word is lost.
    """

    seen = forms.CharField(max_length=64)
    seen_content = forms.CharField(required=False)
    remark = forms.CharField(
        label=_("General remark"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    at_once = forms.BooleanField(
        label=_("Send it back at once"),
        required=False,
        help_text=_("Without waiting for the other offices. What they have noted so far is kept."),
    )

    def __init__(self, data=None, *, field_names, block_ids, standing=()):
        super().__init__(data)
        self.typed = {}
        if data is None:
            for remark in standing:
                self._add(remark.field, remark.block, remark.text, field_names, block_ids)
        else:
            for key, text in data.items():
                if key.startswith(f"{PREFIX}-") and text.strip():
                    _prefix, name, *block = key.split("-", 2)
                    self._add(name, block[0] if block else "", text, field_names, block_ids)

    def _add(self, name, block, text, field_names, block_ids):
        if name not in field_names:
            return
        if block not in block_ids.get(name, ()):
            block = ""
        before = self.typed.get((name, block))
        self.typed[name, block] = f"{before}\n{text}" if before else text

    @property
    def remarks(self) -> list[NewRemark]:
        return [NewRemark(name, text.strip(), block) for (name, block), text in self.typed.items()]

    def text_on(self, name, block="") -> str:
        return self.typed.get((name, block), "")

    @property
    def general_remark(self) -> str:
        return self.data.get("remark", "") if self.is_bound else ""

    def seen_form(self) -> dict | None:
        """The canonical form that the reviewer had before them; None where the browser did not send what
        we gave it."""
        try:
            form = signing.loads(self.data.get("seen_content", ""), salt=SALT)
        except signing.BadSignature:
            return None
        return form if digest(form) == self.data.get("seen") else None


def sealed(content: SignedContent) -> str:
    """The content as the sheet shows it, for the browser to send back: were it changed meanwhile, the
    reviewer is shown what is different from what they read. Signed, so that it is ours."""
    return signing.dumps(content.form, salt=SALT, compress=True)
