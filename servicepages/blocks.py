"""The repeating lines of a service item: bases, fees, conditions, steps, materials, results.

Every value is optional here: a draft can always be saved, and what is missing is a line on the
checklist (servicepages.completeness). Who may see a value stands in servicepages.fields.
"""

from datetime import date
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from servicepages.law_chooser import LawChooserBlock
from servicepages.vocabulary import Audience, FileKind, ResultKind

# Short values that are read together stand beside each other (static/servicepages/admin/item_editor.css)
SIDE_BY_SIDE = "struct-block side-by-side"


class LegalBasisBlock(blocks.StructBlock):
    law = blocks.CharBlock(label=_("Law or document"), required=False, max_length=200)
    document_number = blocks.CharBlock(
        label=_("Document number"),
        required=False,
        max_length=100,
        help_text=_("For example 国务院令第387号."),
    )
    article = blocks.CharBlock(
        label=_("Article"), required=False, max_length=100, help_text=_("For example 第七条第一款.")
    )
    quotation = blocks.TextBlock(label=_("Quoted text"), required=False, rows=3)
    link = blocks.URLBlock(label=_("Link"), required=False)
    entry = LawChooserBlock(
        label=_("Entry in the register of laws"),
        required=False,
        help_text=_(
            "Internal, never published. Says when the law is amended, and fills in an empty name and number."
        ),
    )

    def clean(self, value):
        """The entry and the citation follow each other where one of them is missing; what was typed stays."""
        value = super().clean(value)
        entry = value.get("entry")
        if entry is None:
            value["entry"] = self._entry_of(value)
        elif not value.get("law") and not value.get("document_number"):
            value["law"], value["document_number"] = entry.name, entry.document_number
        return value

    def _entry_of(self, value):
        """The entry that the citation names word for word; None where the register has none."""
        name = (value.get("law") or "").strip()
        if not name:
            return None
        laws = self.child_blocks["entry"].model_class.objects
        return laws.filter(name=name, document_number=(value.get("document_number") or "").strip()).first()

    class Meta:
        form_classname = SIDE_BY_SIDE
        label = _("Legal basis")
        icon = "openquote"
        template = "servicepages/blocks/legal_basis.html"
        label_format = "{law} {article}"
        preview_value = {
            "law": "婚姻登记条例",
            "document_number": "国务院令第387号",
            "article": "第七条",
            "quotation": "婚姻登记机关应当对结婚登记当事人出具的证件、证明材料进行审查并询问相关情况。",
        }


class FeeBlock(blocks.StructBlock):
    item = blocks.CharBlock(label=_("Fee item"), required=False, max_length=100)
    amount = blocks.DecimalBlock(
        label=_("Amount (yuan)"), required=False, min_value=0, decimal_places=2, max_digits=10
    )
    unit = blocks.CharBlock(
        label=_("Per"), required=False, max_length=30, help_text=_("What the amount is for: 本, 证, 人·次.")
    )
    standard = blocks.TextBlock(label=_("Standard, where it is no single amount"), required=False, rows=2)
    basis = blocks.CharBlock(label=_("Basis of the fee"), required=False, max_length=300)

    class Meta:
        form_classname = SIDE_BY_SIDE
        label = _("Fee")
        icon = "tag"
        template = "servicepages/blocks/fee.html"
        label_format = "{item}"
        preview_value = {
            "item": "居民身份证工本费",
            "amount": Decimal("20"),
            "unit": "证",
            "basis": "发改价格〔2003〕2322号",
        }


class NoFeeBlock(blocks.StructBlock):
    note = blocks.CharBlock(
        label=_("Note"),
        required=False,
        max_length=300,
        help_text=_("For example the decision that abolished the fee."),
    )

    class Meta:
        label = _("No fee")
        icon = "check"
        template = "servicepages/blocks/no_fee.html"
        preview_value = {"note": "财税〔2017〕20号"}


class ConditionBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Condition"), required=False, rows=2)

    class Meta:
        label = _("Condition")
        icon = "tick-inverse"
        template = "servicepages/blocks/condition.html"
        label_format = "{text}"
        preview_value = {"text": "双方均达到法定婚龄。"}


class ProcedureStepBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Step"), required=False, max_length=100)
    description = blocks.TextBlock(label=_("What happens"), required=False, rows=2)

    class Meta:
        label = _("Step of the procedure")
        icon = "list-ol"
        template = "servicepages/blocks/procedure_step.html"
        label_format = "{name}"
        preview_value = {"name": "受理", "description": "窗口人员当场核对材料，材料齐全的当场受理。"}


class ApprovalStepBlock(blocks.StructBlock):
    """內部審批流程: the public sees the step and its days, in the flow chart; the rest is internal."""

    name = blocks.CharBlock(label=_("Step name"), required=False, max_length=50)
    working_days = blocks.DecimalBlock(
        label=_("Time limit (working days)"), required=False, min_value=0, max_digits=5, decimal_places=1
    )
    section = blocks.CharBlock(
        label=_("Section in charge"),
        required=False,
        max_length=100,
        help_text=_("Internal, never published."),
    )
    handler = blocks.CharBlock(
        label=_("Handler"), required=False, max_length=50, help_text=_("Internal, never published.")
    )
    post = blocks.CharBlock(
        label=_("Handler's post"), required=False, max_length=50, help_text=_("Internal, never published.")
    )
    mobile = blocks.CharBlock(
        label=_("Mobile number"), required=False, max_length=20, help_text=_("Internal, never published.")
    )

    class Meta:
        form_classname = SIDE_BY_SIDE
        label = _("Approval step")
        icon = "group"
        label_format = "{name}"
        template = "servicepages/blocks/approval_step.html"
        preview_value = {"name": "审查", "working_days": Decimal("3")}


class MaterialBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Name of the material"), required=False, max_length=200)
    blank_form = DocumentChooserBlock(
        label=_("Blank form"),
        required=False,
        help_text=_("An application form comes with its blank, in Word or Excel."),
    )
    filled_in_sample = DocumentChooserBlock(label=_("Filled-in sample"), required=False)
    notes = blocks.TextBlock(label=_("How to fill it in"), required=False, rows=2)
    file_kinds = blocks.MultipleChoiceBlock(
        label=_("Accepted kinds of file"),
        required=False,
        choices=FileKind.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    upload_required = blocks.BooleanBlock(
        label=pgettext_lazy("on the form", "Must be uploaded"), required=False
    )
    original_required = blocks.BooleanBlock(
        label=pgettext_lazy("on the form", "Original required"), required=False
    )
    copies = blocks.IntegerBlock(label=_("Copies"), required=False, min_value=0)

    class Meta:
        form_classname = f"{SIDE_BY_SIDE} side-by-side--lead"
        label = _("Material")
        icon = "doc-full"
        template = "servicepages/blocks/material.html"
        label_format = "{name}"
        preview_value = {
            "name": "居民身份证",
            "file_kinds": [FileKind.PICTURE.value],
            "original_required": True,
            "copies": 1,
        }


class NoMaterialBlock(blocks.StructBlock):
    note = blocks.CharBlock(label=_("Note"), required=False, max_length=300)

    class Meta:
        label = _("No material needed")
        icon = "check"
        template = "servicepages/blocks/no_material.html"
        preview_value = {"note": ""}


class ResultBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Name of the result"), required=False, max_length=100)
    kind = blocks.ChoiceBlock(label=_("Kind of result"), required=False, choices=ResultKind.choices)
    sample = DocumentChooserBlock(label=_("Sample"), required=False)

    class Meta:
        form_classname = SIDE_BY_SIDE
        label = _("Result")
        icon = "clipboard-list"
        template = "servicepages/blocks/result.html"
        label_format = "{name}"
        preview_value = {"name": "结婚证", "kind": ResultKind.CERTIFICATE.value}


class OtherTopicBlock(blocks.StructBlock):
    audience = blocks.ChoiceBlock(label=_("Audience"), required=False, choices=Audience.choices)
    text = blocks.CharBlock(label=_("Topic"), required=False, max_length=100)

    class Meta:
        form_classname = SIDE_BY_SIDE
        label = _("Other topic")
        icon = "tag"
        template = "servicepages/blocks/other_topic.html"
        label_format = "{text}"
        preview_value = {"audience": Audience.ORGANISATION.value, "text": "社会组织"}


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"), required=False, max_length=200)
    answer = blocks.TextBlock(label=_("Answer"), required=False, rows=3)

    class Meta:
        label = _("Question and answer")
        icon = "help"
        template = "servicepages/blocks/question.html"
        label_format = "{question}"
        preview_value = {"question": "可以委托他人代办吗？", "answer": "不可以，须双方本人到场。"}


class OfflineDecisionBlock(blocks.StructBlock):
    """The decision that an item is not handled online. Internal from end to end.

    For secrecy it is the government's of that level (plan, part two (四)); otherwise the city leader
    in charge signs the department's statement (情況說明).
    """

    decided_by = blocks.CharBlock(label=_("Decided by"), required=False, max_length=100)
    document = blocks.CharBlock(
        label=pgettext_lazy("of a decision", "Document"), required=False, max_length=200
    )
    decided_on = blocks.DateBlock(label=_("Date of the decision"), required=False)
    scan = DocumentChooserBlock(label=_("Scan of the decision"), required=False)

    class Meta:
        form_classname = SIDE_BY_SIDE
        label = _("Decision")
        icon = "lock"
        label_format = "{decided_by} {document}"
        preview_value = {"decided_by": "市政府", "document": "办公会议纪要", "decided_on": date(2018, 8, 1)}
