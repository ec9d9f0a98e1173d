"""The closed lists of the confirmation sheet and of the guides of today: one code for each entry.

The codes are what the database holds; the words people read are the form's own, in the catalogues.
"""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ItemType(TextChoices):
    """審批事項類型: the eleven of the confirmation sheet, in its order."""

    LICENCE = "licence", _("Administrative licence")
    LEVY = "levy", _("Administrative levy")
    PAYMENT = "payment", _("Administrative payment")
    CONFIRMATION = "confirmation", _("Administrative confirmation")
    AWARD = "award", _("Administrative award")
    ANNUAL_INSPECTION = "annual_inspection", _("Annual inspection")
    ADJUDICATION = "adjudication", _("Administrative adjudication")
    RECONSIDERATION = "reconsideration", _("Administrative reconsideration")
    TAX_RELIEF = "tax_relief", _("Tax or fee relief")
    OTHER = "other", _("Other (item type)")
    PUBLIC_SERVICE = "public_service", _("Public service")


class CaseKind(TextChoices):
    """辦件類型 of today's guides."""

    ON_THE_SPOT = "on_the_spot", _("Done on the spot")
    PROMISED = "promised", _("Done within a promised time")


class TimeUnit(TextChoices):
    WORKING_DAYS = "working_days", _("working days")
    CALENDAR_DAYS = "calendar_days", _("calendar days")
    MONTHS = "months", _("months")
    ON_THE_SPOT = "on_the_spot", _("on the spot")


class Audience(TextChoices):
    """審批對象: whom an item is for. The lists of topics belong to the first two."""

    CITIZEN = "citizen", _("Citizens")
    ENTERPRISE = "enterprise", _("Enterprises")
    ORGANISATION = "organisation", _("Other organisations")


class FileKind(TextChoices):
    """文件限制類型 of a material."""

    TEXT = "text", _("Text")
    PICTURE = "picture", _("Picture")
    ARCHIVE = "archive", _("Archive")
    MEDIA = "media", _("Audio or video")


class ResultKind(TextChoices):
    CERTIFICATE = "certificate", _("Certificate or licence")
    DOCUMENT = "document", _("Official document")
    REGISTRATION = "registration", _("Entry in a register")
    PAYMENT = "payment", _("Payment")
    OTHER = "other", _("Other (result)")


class ServiceLevel(TextChoices):
    """How far an item can be done online (網上辦理深度), from least to most."""

    INFORMATION = "information", _("Information online")
    APPOINTMENT = "appointment", _("Appointment online")
    APPLICATION = "application", _("Application online, originals shown at the window")
    MAIL = "mail", _("Application online, originals sent by post")
    WHOLE = "whole", _("Entirely online")


class RegionKind(TextChoices):
    CITY = "city", _("City")
    COUNTY = "county", _("County or county-level city")
    DISTRICT = "district", _("District")


class DepartmentKind(TextChoices):
    GOVERNMENT = "government", _("Government department")
    PARTY = "party", _("Party department")
    INSTITUTION = "institution", _("Public institution")
    VERTICAL = "vertical", _("Department under vertical administration")
    ORGANISATION = "organisation", _("People's organisation")


class ContactRole(TextChoices):
    """備注 column of the contact sheet (流程再造工作聯系表)."""

    LEADER = "leader", _("Leader in charge")
    LEGAL_OFFICER = "legal_officer", _("Legal officer")
    LIAISON = "liaison", _("Liaison")


class ImplementationLevel(IntegerChoices):
    """行使層級: the digit between the credit code and the basic code of an implementation code."""

    NATIONAL = 1, _("National level")
    PROVINCE = 2, _("Province")
    CITY = 3, _("City (prefecture)")
    COUNTY = 4, _("County or district")
    TOWNSHIP = 5, _("Township or street")
    VILLAGE = 6, _("Village or community")


class LawStatus(TextChoices):
    """Of an entry in the register of laws: 现行有效, 已修改, 已废止, as the national database of laws says it."""

    IN_FORCE = "in_force", pgettext_lazy("law", "in force")
    AMENDED = "amended", pgettext_lazy("law", "amended")
    REPEALED = "repealed", pgettext_lazy("law", "repealed")
