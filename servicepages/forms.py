"""The form behind the editor of a service item."""

from collections import defaultdict

from django.forms.utils import ErrorList
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import BlockField, StreamBlockValidationError

from servicepages.completeness import checklist, stopping


class ServiceItemForm(WagtailAdminPageForm):
    """Saves any draft; submits only an item whose checklist is empty.

    A finding is an error of the field it is about, so that Wagtail shows it there and keeps what was
    typed.
    """

    def is_valid(self):
        """The checklist is read last: it needs the formsets and the blocks on the instance."""
        if not super().is_valid():
            return False
        item = self.proposed_item()
        self.refuse_files_of_others(item)
        if not self.is_deferred_validation:
            self.add_findings(item)
        return not self.errors

    def proposed_item(self):
        """The item as it would be saved, with nothing written to the database."""
        item = self.save(commit=False)
        if item.department_id is None and self.parent_page is not None:
            item.department_id = self.parent_page.specific.department_id
        return item

    def refuse_files_of_others(self, item):
        """A file is cited only by who may choose it, whatever id the browser sends; what the stored draft
        cites already may stay."""
        from servicepages.files import cited_files, may_choose

        cited = cited_files(item)
        if not cited or self.for_user is None:
            return
        unknown = {key for key in cited if not may_choose(self.for_user, *key)}
        if unknown and item.latest_revision_id:
            unknown -= cited_files(item.latest_revision.as_object()).keys()
        self.add_errors({cited[key]: [_("You may not use this file here.")] for key in unknown})

    def add_findings(self, item):
        by_field = defaultdict(list)
        for finding in stopping(checklist(item)):
            by_field[finding.field].append(finding.message)
        self.add_errors(by_field)

    def add_errors(self, by_field):
        """`by_field`: {name of a field: [sentence, …]}. A stream shows its sentences above its blocks."""
        for name, sentences in by_field.items():
            field = self.fields.get(name)
            if isinstance(field, BlockField):
                self.add_error(name, StreamBlockValidationError(non_block_errors=ErrorList(sentences)))
            else:
                self.add_error(name if field else None, sentences)
